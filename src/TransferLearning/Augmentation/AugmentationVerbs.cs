using TransferLearning.Training;

namespace TransferLearning.Augmentation;

/// <summary>Verbs for augmentation.</summary>
public static class AugmentationVerbs
{
    /// <summary>Trains on augmented labeled rows: every step looks at them anew.</summary>
    /// <param name="training">The training.</param>
    /// <param name="view">The augmentation.</param>
    /// <param name="includesTarget">Whether the target's unlabeled rows are augmented, too. Default false.</param>
    public static NetworkTraining Augment(
        this NetworkTraining training,
        IAugmentation view,
        bool includesTarget = false
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        return training.Augment(new AugmentedInputs(view) { IncludesTarget = includesTarget });
    }
}
