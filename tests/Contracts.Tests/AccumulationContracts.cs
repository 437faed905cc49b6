using System.Reflection;
using TransferLearning.Adversarial;
using TransferLearning.Consistency;
using TransferLearning.Network;
using TransferLearning.SelfSupervision;
using TransferLearning.Settings;
using TransferLearning.Tests.LifetimeHost;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Contracts.Tests;

/// <summary>
/// A hook sees the last batch of a step: one that would miss something by it refuses steps of several batches.
/// </summary>
public sealed class AccumulationContracts : IDisposable
{
    /// <summary>Hooks that steps of several batches change nothing for, and why.</summary>
    private static readonly Dictionary<Type, string> TakesSeveralBatches = new()
    {
        [typeof(BootstrapLatent)] = "it averages parameters",
        [typeof(BoundaryRefinement)] = "it averages parameters",
        [typeof(MeanTeacher)] = "it averages parameters",
        [typeof(WeightAveraging)] = "it averages parameters",
        [typeof(DenseWeightAveraging)] = "it averages parameters",
        [typeof(MarginalRisk)] = "it averages over steps, each by its last batch",
        [typeof(SynapticIntelligence)] = "it reads the gradient of the whole step",
        [typeof(AdaMatch)] = "it averages over steps, each by its last batch",
        [typeof(Dash)] = "it averages over the rows that it has seen",
        [typeof(DebiasedPseudoLabels)] = "it averages over steps, each by its last batch",
        [typeof(DynamicAdversary)] = "it averages over steps, each by its last batch",
        [typeof(FreeMatch)] = "it averages over steps, each by its last batch",
        [typeof(GradientVariance)] = "it averages over steps, each by its last batch",
        [typeof(GroupRobustness)] = "it averages over steps, each by its last batch",
        [typeof(ProgressiveAlignment)] = "it averages over steps, each by its last batch",
        [typeof(ReMixMatch)] = "it averages over steps, each by its last batch",
        [typeof(SelectiveAdversary)] = "it averages over steps, each by its last batch",
        [typeof(SoftMatch)] = "it averages over steps, each by its last batch",
    };

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Setting setting = new();

    public static TheoryData<Type> Hooks() =>
        [
            .. typeof(AdaptationBuilder)
                .Assembly.GetExportedTypes()
                .Where(type =>
                    type is { IsAbstract: false }
                    && typeof(ITrainingHook).IsAssignableFrom(type)
                    && type.GetMethod(nameof(ITrainingHook.OnStepped), BindingFlags.Instance | BindingFlags.Public)
                        is not null
                ),
        ];

    [Theory]
    [MemberData(nameof(Hooks))]
    public void Hook_OfStepsOfSeveralBatches_RefusesThemOrIsListed(Type type)
    {
        Chains.Shape(type, setting);
        var chain = Chains.Around(setting.Described(Makers.Make(type, setting))!, setting)!;
        var options = setting.Options();
        options = options with { Training = options.Training with { GradientAccumulation = 2 } };

        var thrown = Record.Exception(() =>
            chain.FitFewShot(setting.Sources(), setting.Target(), setting.Few(), options).Dispose()
        );

        if (TakesSeveralBatches.ContainsKey(type))
        {
            Assert.Null(thrown);
            return;
        }
        var refused = Assert.IsType<InvalidAdaptationException>(thrown);
        Assert.Contains(
            refused.Faults,
            fault =>
                fault.Contains($"{type.Name}: ", StringComparison.Ordinal)
                && fault.Contains("GradientAccumulation must be 1", StringComparison.Ordinal)
        );
    }

    public void Dispose()
    {
        setting.DisposeDescriptions();
        setting.Dispose();
        scope.Dispose();
    }
}
