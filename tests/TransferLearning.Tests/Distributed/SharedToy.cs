using TransferLearning.Distributed;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Distributed;

/// <summary>A small training that threads share, as processes do.</summary>
internal sealed class SharedToy : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ScalarType type;

    public SharedToy(ScalarType type, long seed = 3, bool hasNormalization = false)
    {
        this.type = type;
        Toy.SeedModules(seed);
        (Extractor, Predictor, Critic) = (
            Of(Toy.Extractor(hasNormalization: hasNormalization)),
            Of(Toy.Predictor()),
            Of(Toy.Critic())
        );
    }

    public ModulePart Extractor { get; }

    public ModulePart Predictor { get; }

    public ModulePart Critic { get; }

    public static FitOptions Options(long? steps = 12) =>
        new()
        {
            Seed = 5,
            Training = new TrainingOptions
            {
                Steps = steps,
                Epochs = 6,
                BatchSize = 16,
                TargetBatchSize = 8,
                Optimizer = parameters => optim.SGD(parameters, 0.05, momentum: 0.9),
            },
        };

    /// <summary>
    /// Trains on as many threads as there are ranks; gives the parameters and buffers that each of them ends with.
    /// </summary>
    public static double[][] Fitted(
        int size,
        Action<SharedToy, NetworkTraining> configure,
        Func<ThreadCommunicator, FitOptions> options,
        ScalarType type = ScalarType.Float64,
        Func<int, long>? seeds = null,
        bool hasNormalization = false,
        Func<int, CancellationToken>? cancellation = null
    )
    {
        var toys = Enumerable
            .Range(0, size)
            .Select(rank => new SharedToy(type, seeds?.Invoke(rank) ?? 3, hasNormalization))
            .ToList();
        try
        {
            return ThreadCommunicator.Run(
                size,
                communicator =>
                {
                    var toy = toys[communicator.Rank];
                    var token = cancellation?.Invoke(communicator.Rank) ?? CancellationToken.None;
                    toy.Fit(configure, options(communicator).Distributed(communicator), token);
                    return toy.Numbers();
                }
            );
        }
        finally
        {
            toys.ForEach(toy => toy.Dispose());
        }
    }

    public static double Gap(double[] one, double[] other) => one.Zip(other, (x, y) => Math.Abs(x - y)).Max();

    public void Dispose() => scope.Dispose();

    private ModulePart Of(ModulePart part)
    {
        part.Module.to(type);
        return part;
    }

    private void Fit(Action<SharedToy, NetworkTraining> configure, FitOptions options, CancellationToken token)
    {
        using var own = NewDisposeScope();
        var (source, target) = (Toy.Source(rows: 96), Toy.LabeledTarget(rows: 40));
        using var model = new AdaptationBuilder()
            .Train(Extractor, Predictor, net => configure(this, net))
            .Fit(
                new LabeledDomain(source.Inputs.to(type), source.Labels, space: source.Space),
                new UnlabeledDomain(target.Inputs.to(type)),
                options,
                cancellationToken: token
            );
    }

    private double[] Numbers()
    {
        using var own = NewDisposeScope();
        return
        [
            .. new[] { Extractor, Predictor, Critic }
                .SelectMany(part => part.Module.state_dict().Values)
                .SelectMany(value => value.detach().to(float64).reshape(-1).data<double>().ToArray()),
        ];
    }
}
