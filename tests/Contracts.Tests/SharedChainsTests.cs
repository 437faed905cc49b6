using TransferLearning.Distributed;
using TransferLearning.Network;
using TransferLearning.Tests.LifetimeHost;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Contracts.Tests;

/// <summary>
/// Every objective, hook, transform and recipe in its smallest chain: two processes that share its steps end where one
/// does, or the plan refuses it by name.
/// </summary>
public sealed class SharedChainsTests
{
    // These read or normalize by the statistics of each process's own rows.
    private static readonly string[] Normalizing =
    [
        "Recipes.AdaBn",
        "Recipes.ArmCml",
        "Recipes.Dsbn",
        "Recipes.IbnNet",
        "Recipes.StochNorm",
        "Recipes.TransNorm",
    ];

    // What the steps of a network are made of; other stages are computed by every process.
    private static readonly string[] Kinds =
    [
        nameof(IObjective),
        nameof(IDiscrepancy),
        nameof(IAugmentation),
        nameof(IBatchTransform),
        nameof(IRowWeights),
        nameof(ITrainingHook),
        nameof(IParameterPlan),
        nameof(IFewShotRule),
    ];

    private static readonly Dictionary<string, Chain> ByName = Chains
        .All()
        .ToDictionary(chain => chain.Name, StringComparer.Ordinal);

    public static TheoryData<string> ChainNames() =>
        [
            .. ByName
                .Keys.Except(Normalizing)
                .Where(name =>
                    name.StartsWith("Recipes.", StringComparison.Ordinal) || Kinds.Contains(name.Split(' ')[^1])
                ),
        ];

    [Theory]
    [MemberData(nameof(ChainNames))]
    public void Chain_SharedByTwo_PredictsAsByOneOrIsRefused(string name)
    {
        using var scope = NewDisposeScope();
        var expected = Predicted(name, 1)[0];

        double[][] shared;
        try
        {
            shared = Predicted(name, 2);
        }
        catch (InvalidAdaptationException refusal)
        {
            Assert.Contains("processes that share each step's rows", refusal.Message, StringComparison.Ordinal);
            return;
        }

        Assert.Equal(shared[0], shared[1]);
        var size = Math.Max(expected.Max(Math.Abs), 1e-30);
        var gap = expected.Zip(shared[0], (one, other) => Math.Abs(one - other)).Max() / size;
        Assert.True(gap < 1e-9, $"differs by {gap:G3}, relative to the largest figure.");
    }

    private static double[][] Predicted(string name, int size)
    {
        var sets = Enumerable.Range(0, size).Select(_ => Made(name)).ToList();
        try
        {
            return ThreadCommunicator.Run(
                size,
                communicator =>
                {
                    using var scope = NewDisposeScope();
                    var (set, builder) = sets[communicator.Rank];
                    var (target, options) = (set.Target(), set.Options());
                    options = options with
                    {
                        Training = options.Training with
                        {
                            Optimizer = parameters => optim.SGD(parameters, 0.01, momentum: 0.9),
                        },
                    };
                    using var model = builder.FitFewShot(
                        set.Sources(),
                        target,
                        set.Few(),
                        options.Distributed(communicator)
                    );
                    return model.Predict(target.Inputs).to(float64).data<double>().ToArray();
                }
            );
        }
        finally
        {
            sets.ForEach(pair => pair.Set.DisposeDescriptions());
            sets.ForEach(pair => pair.Set.Dispose());
        }
    }

    private static (Setting Set, AdaptationBuilder Builder) Made(string name)
    {
        var set = new Setting
        {
            Type = ScalarType.Float64,
            HasDropout = false,
            HasNormalization = false,
            IsOfFullRank = true,
        };
        ByName[name].Shape(set);
        Toy.SeedModules(3);
        return (set, ByName[name].Build(set));
    }
}
