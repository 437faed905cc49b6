using TransferLearning.Internal;

namespace TransferLearning.Training;

/// <summary>What a training warns of before its first step: it can run so, and perhaps was not meant so.</summary>
internal static class TrainingWarnings
{
    public static void Give(
        FitRun run,
        NetworkTraining training,
        TrainingOptions options,
        List<ITrainable> moved,
        BorrowedModules borrowed
    )
    {
        if (options.Validation is null && run.Options.Observers.OfType<EarlyStopping>().Any())
        {
            run.Warn(
                "early stopping waits for a validation score, and this training has none: it takes all its epochs. "
                    + "Give its TrainingOptions a Validation."
            );
        }
        foreach (var part in moved.Where(part => ModelsInUse.Contains(part.Module)))
        {
            run.Warn(
                $"the module {part.Module.GetName()} belongs to a model that an earlier fit returned: that model "
                    + "changes with this training. Give each fit modules of its own, or dispose the earlier model "
                    + "first."
            );
        }
        foreach (var critic in TrainingParts.Critics(training).Where(critic => !Moves(moved, critic)))
        {
            run.Warn(
                $"no phase moves the critic {critic.GetType().Name}, so it stays as it is and the network learns "
                    + "to please it: move it (Move(critic)), where that is not meant."
            );
        }
        foreach (var part in moved.Where(borrowed.IsResting))
        {
            run.Warn(
                $"the module {part.Module.GetName()} is trained in evaluation mode, as it was given: dropout does "
                    + "not act and batch statistics stay. Call train() on it before the fit where that is not meant."
            );
        }
    }

    private static bool Moves(List<ITrainable> moved, IPart critic) =>
        TrainingParts.Trainables([critic]).Intersect(moved, TrainingParts.ByModule).Any();
}
