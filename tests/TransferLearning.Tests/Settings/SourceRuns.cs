using TransferLearning.Tests.Support;
using TransferLearning.Training;

namespace TransferLearning.Tests.Settings;

/// <summary>Small trainings on two sources without a target, stopped and resumed.</summary>
internal static class SourceRuns
{
    private const int Steps = 24;

    /// <summary>The bits after a whole run, and after one that was stopped in its middle and resumed.</summary>
    public static (byte[] Whole, byte[] Resumed) StoppedAndResumed(
        Action<NetworkTraining> configure,
        int stopAfter = 17
    )
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };
        var whole = Run(configure, null, null)!;
        Assert.Null(Run(configure, checkpoints, stopAfter));
        return (whole, Run(configure, checkpoints with { Resume = ResumeMode.Required }, null)!);
    }

    public static IReadOnlyList<LabeledDomain> Two() => [Toy.Source(rows: 96), Toy.Source(rows: 64, seed: 7)];

    private static byte[]? Run(Action<NetworkTraining> configure, CheckpointOptions? checkpoints, int? stopAfter)
    {
        Toy.SeedModules(9);
        using var extractor = Toy.Extractor(dropout: 0.2, hasNormalization: true);
        using var predictor = Toy.Predictor();
        using var stopping = new CancellationTokenSource();
        var options = new FitOptions
        {
            Training = new TrainingOptions { Steps = Steps, BatchSize = 16 },
            Checkpoints = checkpoints,
            Observers = [new StopsAfter(stopAfter, stopping)],
        };
        try
        {
            new AdaptationBuilder()
                .Train(extractor, predictor, configure)
                .FitWithoutTarget(Two(), options, cancellationToken: stopping.Token)
                .Dispose();
            return Toy.Bits(extractor, predictor);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private sealed class StopsAfter(int? steps, CancellationTokenSource stopping) : ITrainingObserver
    {
        private int taken;

        public void OnStep(StepReport report)
        {
            if (++taken == steps)
            {
                stopping.Cancel();
            }
        }
    }
}
