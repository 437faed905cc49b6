using TransferLearning.Training;

namespace TransferLearning.Consistency;

/// <summary>Verbs for consistency training.</summary>
public static class ConsistencyVerbs
{
    /// <summary>Requires that target predictions survive an augmentation: UDA.</summary>
    /// <param name="training">The training.</param>
    /// <param name="strong">The augmentation.</param>
    /// <param name="from">The progress, from 0 to 1, before which the term is not evaluated.</param>
    /// <param name="weight">The weight from there on. Default 1.</param>
    public static NetworkTraining RequireConsistency(
        this NetworkTraining training,
        IAugmentation strong,
        double from = 0,
        double weight = 1
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        return training.Minimize(new UnsupervisedDataAugmentation(strong), Schedule.From(from, weight));
    }
}
