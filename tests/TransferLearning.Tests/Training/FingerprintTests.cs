using Microsoft.Extensions.Logging;
using TransferLearning.Adversarial;
using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>A checkpoint is taken up by the run that wrote it and by no other, finished or not.</summary>
public sealed class FingerprintTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder folder = new();

    /// <summary>What may be changed in a run, and how the refusal names it.</summary>
    public static TheoryData<string, string> Changes() =>
        new()
        {
            { "epochs", "Training/Epochs: saved 2, now 3" },
            { "batch size", "Training/BatchSize: saved 64, now 32" },
            { "kind of optimizer", "Training/Optimizer: saved Adam, now SGD" },
            { "rate of optimizer", "Training/Optimizer/0/LearningRate: saved 0.001, now 0.002" },
            { "moment of optimizer", "Training/Optimizer/0/beta1: saved 0.9, now 0.8" },
            { "schedule of the rate", "Training/LearningRate: saved 1 1 1 1 1 #" },
            { "moment of the schedule", "Training/LearningRate: saved 1 1 1 1 1 #" },
            { "precision", "Training/Precision: saved AsData, now BFloat16" },
            { "own options", "stage 2/options: saved none, now TrainingOptions" },
            { "weight of an objective", "stage 2/phases/0/objectives/1/Weight: saved 0.5" },
            { "setting of an objective", "stage 2/phases/0/objectives/0/Objective/LabelSmoothing: saved 0, now 0.1" },
            { "kind of an objective", "saved DeepCorrelationAlignment, now EnergyDistance" },
            { "further objective", "stage 2/phases/0/objectives/count: saved 2, now 3" },
            { "frozen parameters", "stage 2/extractor/frozen: saved , now first.bias" },
            { "layer at rest", "stage 2/extractor/resting: saved , now norm" },
            { "plan", "stage 2/optimizations/0" },
            { "setting of a kernel", "stage 1/weighting/Kernel/gamma: saved 0.2, now 0.3" },
            { "kind of a stage", "stage 1/weighting: saved KernelMeanMatching, now NearestNeighborWeighting" },
            { "labels", "source/0/labels: saved Int64 [128] #" },
            { "weights", "source/0/weights: saved none" },
            { "source rows", "source/0/inputs: saved Float32 [128, 4] #" },
            { "target rows", "target: saved Float32 [80, 4] #" },
            { "rows that are read", "target: saved Float32 [80, 4] #" },
            { "early stopping", "Observers/count: saved 0, now 1" },
            { "architecture", "stage 2/predictor: saved weight Float32 [2, 8], bias Float32 [2], now 0.weight" },
        };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Resume_OfAnotherRun_IsRefusedWithWhatDiffers(string change, string told)
    {
        Run("");
        foreach (var stopAfter in new int?[] { null, 3 })
        {
            using var another = new TemporaryFolder();
            Run("", another.Path, stopAfter: stopAfter);

            var fault = Assert.Throws<InvalidDataException>(() => Run(change, another.Path, ResumeMode.IfPresent));

            Assert.Contains(told, fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(3, "0 of 2 stages", "stage 2: going on from step 3 of 4")]
    [InlineData(
        null,
        "1 of 2 stages",
        "stage 2 of 2: NetworkTraining is taken from the checkpoint, nothing is computed"
    )]
    public void Resume_OfTheSameRun_LogsWhatIsTakenFromTheCheckpoint(int? stopAfter, string stages, string stage)
    {
        Run("", stopAfter: stopAfter);
        var log = new Journal();

        Assert.NotNull(Run("checkpoints", resume: ResumeMode.Required, log: log));

        Assert.StartsWith($"resuming from '{folder.Path}", log.Lines[0], StringComparison.Ordinal);
        Assert.Contains(stages, log.Lines[0], StringComparison.Ordinal);
        Assert.Contains(stage, log.Lines);
    }

    [Fact]
    public void Resume_WithTheObjectsOfTheFirstRun_IsNotTakenForAnother()
    {
        // What a run leaves in its objects, memories and best scores, is no setting.
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var penalty = new StartingPointPenalty(extractor);
        var builder = new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(new CrossEntropy())
                    .Minimize(penalty)
                    .Minimize(new NeighborPropagation(), 0.1)
                    .Minimize(new ContrastiveDomainDiscrepancy(), 0.1)
                    .Minimize(new DynamicDistributionDiscrepancy(), 0.1)
        );
        var options = new FitOptions
        {
            Observers = [new EarlyStopping(3)],
            Checkpoints = new CheckpointOptions(folder.Path) { Resume = ResumeMode.IfPresent },
            Training = new TrainingOptions { Epochs = 2 },
        };

        builder.Fit(Toy.Source(rows: 128), Toy.LabeledTarget().WithoutLabels(), options).Dispose();
        builder.Fit(Toy.Source(rows: 128), Toy.LabeledTarget().WithoutLabels(), options).Dispose();
    }

    [Fact]
    public void Resume_SourceFreeWithOtherClassNames_IsRefused()
    {
        void Adapt(ResumeMode resume, params string[] names)
        {
            using var extractor = Toy.Extractor();
            using var predictor = Toy.Predictor();
            new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new EntropyOfNothing()))
                .FitSourceFree(
                    Toy.LabeledTarget().WithoutLabels(),
                    LabelSpace.Classes(names),
                    new FitOptions
                    {
                        Checkpoints = new CheckpointOptions(folder.Path) { Resume = resume },
                        Training = new TrainingOptions { Epochs = 1 },
                    }
                )
                .Dispose();
        }
        Adapt(ResumeMode.Never, "cat", "dog");
        Adapt(ResumeMode.Required, "cat", "dog");

        var fault = Assert.Throws<InvalidDataException>(() => Adapt(ResumeMode.Required, "dog", "cat"));

        Assert.Contains(
            "label space: saved 2 classes (cat, dog), now 2 classes (dog, cat)",
            fault.Message,
            StringComparison.Ordinal
        );
    }

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    private byte[]? Run(
        string change,
        string? path = null,
        ResumeMode resume = ResumeMode.Never,
        int? stopAfter = null,
        ILogger? log = null
    )
    {
        Toy.SeedModules(3);
        using var extractor = Toy.Extractor();
        using var predictor =
            change == "architecture" ? new ModulePart(() => nn.Sequential(nn.Linear(8, 2))) : Toy.Predictor();
        if (change == "frozen parameters")
        {
            extractor.Module.get_parameter("first.bias")!.requires_grad = false;
        }
        if (change == "layer at rest")
        {
            extractor.Module.named_children().Single(child => child.name == "norm").module.eval();
        }
        using var stopping = new CancellationTokenSource();
        var (rows, labels) = Toy.Clouds(128, change == "source rows" ? 5 : 1);
        var source = new LabeledDomain(
            rows,
            change == "labels" ? 1 - labels : labels,
            change == "weights" ? linspace(1, 2, 128) : null
        );
        var inputs = Toy.LabeledTarget(seed: change == "target rows" ? 6 : 2).Inputs;
        IInstanceWeighting weighting = change switch
        {
            "kind of a stage" => new NearestNeighborWeighting(),
            "setting of a kernel" => new KernelMeanMatching { Kernel = new GaussianKernel(0.3) },
            _ => new KernelMeanMatching { Kernel = new GaussianKernel(0.2) },
        };
        IDiscrepancy gap = change == "kind of an objective" ? new EnergyDistance() : new DeepCorrelationAlignment();
        var builder = new AdaptationBuilder()
            .Weight(weighting)
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Minimize(new CrossEntropy { LabelSmoothing = change == "setting of an objective" ? 0.1 : 0 });
                    net.Align(gap, change == "weight of an objective" ? 0.25 : 0.5);
                    if (change == "further objective")
                    {
                        net.Minimize(new EntropyOfNothing());
                    }
                    if (change == "own options")
                    {
                        net.With(new TrainingOptions { Epochs = 2 });
                    }
                    if (change == "plan")
                    {
                        net.Optimize(extractor, plan: FreezingPlan.None.Freeze("first."));
                    }
                }
            );
        var training = new TrainingOptions
        {
            Epochs = change == "epochs" ? 3 : 2,
            BatchSize = change == "batch size" ? 32 : 64,
            LearningRate = change switch
            {
                "schedule of the rate" => Schedule.Linear(1, 0),
                "moment of the schedule" => new Schedule(progress => progress is > 0.3 and < 0.4 ? 0.5 : 1),
                _ => 1.0,
            },
            Precision = change == "precision" ? Precision.BFloat16 : Precision.AsData,
            Optimizer = change switch
            {
                "kind of optimizer" => p => optim.SGD(p, 1e-3),
                "rate of optimizer" => p => optim.Adam(p, 2e-3),
                "moment of optimizer" => p => optim.Adam(p, 1e-3, beta1: 0.8),
                _ => p => optim.Adam(p, 1e-3),
            },
        };
        IReadOnlyList<ITrainingObserver> observers = change == "early stopping" ? [new EarlyStopping(2)] : [];
        var options = new FitOptions
        {
            Training = training,
            Observers = [.. observers, new Stops(stopAfter, stopping)],
            Checkpoints = new CheckpointOptions(path ?? folder.Path)
            {
                Resume = resume,
                EverySteps = 1,
                KeepLast = change == "checkpoints" ? 5 : 3,
            },
            Logger = log ?? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
        };
        try
        {
            var target =
                change == "rows that are read" ? new UnlabeledDomain(new Rows(inputs)) : new UnlabeledDomain(inputs);
            builder.Fit(source, target, options, null, stopping.Token).Dispose();
            return Toy.Bits(extractor, predictor);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private sealed class EntropyOfNothing : IObjective
    {
        public Tensor Evaluate(StepContext step) => step.Scores(step.Target).square().mean();
    }

    private sealed class Rows(Tensor inputs) : IRowSource
    {
        public long Count => inputs.shape[0];

        public Tensor Read(Tensor rows) => inputs.index_select(0, rows);
    }

    private sealed class Stops(int? after, CancellationTokenSource stopping) : ITrainingObserver
    {
        private int taken;

        public void OnStep(StepReport report)
        {
            if (++taken == after)
            {
                stopping.Cancel();
            }
        }
    }

    private sealed class Journal : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => Lines.Add(formatter(state, exception));
    }
}
