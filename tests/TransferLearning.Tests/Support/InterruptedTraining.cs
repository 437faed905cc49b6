using TransferLearning.Objectives;
using TransferLearning.Training;

namespace TransferLearning.Tests.Support;

/// <summary>
/// A small training with a further objective that may be stopped after some steps: what objectives with a memory must
/// take up again.
/// </summary>
internal static class InterruptedTraining
{
    /// <summary>The bits of all parameters afterwards; null where it was stopped.</summary>
    public static byte[]? Run(
        IObjective? objective,
        CheckpointOptions? checkpoints = null,
        int? stopAfter = null,
        LabeledDomain? few = null
    )
    {
        Toy.SeedModules(7);
        using var extractor = Toy.Extractor(dropout: 0.3, hasNormalization: true);
        using var predictor = Toy.Predictor();
        using var stopping = new CancellationTokenSource();
        var builder = new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                net.Minimize(new CrossEntropy());
                if (objective is not null)
                {
                    net.Minimize(objective, 0.3);
                }
            }
        );
        var options = new FitOptions
        {
            Observers = [new Stop(stopAfter, stopping)],
            Checkpoints = checkpoints,
            Training = new TrainingOptions { Epochs = 2 },
        };
        try
        {
            var (source, target) = (Toy.Source(), Toy.LabeledTarget().WithoutLabels());
            using var model = few is null
                ? builder.Fit(source, target, options, null, stopping.Token)
                : builder.FitFewShot(source, target, few, options, null, stopping.Token);
            return Toy.Bits(extractor, predictor);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private sealed class Stop(int? after, CancellationTokenSource stopping) : ITrainingObserver
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
}
