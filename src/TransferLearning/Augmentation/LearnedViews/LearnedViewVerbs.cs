using TransferLearning.Training;

namespace TransferLearning.Augmentation;

/// <summary>Verbs for views that learn with the network.</summary>
public static class LearnedViewVerbs
{
    /// <summary>Trains on labeled rows as a view shows them that learns to make them hard.</summary>
    /// <param name="training">The training.</param>
    /// <param name="view">The view; it is moved by the main phase.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default 1.</param>
    /// <param name="weight">The weight of the term over progress. Default 1.</param>
    public static NetworkTraining OpposeByView(
        this NetworkTraining training,
        ILearnedView view,
        Schedule? reversal = null,
        Schedule? weight = null
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(view);
        training.Main.Move(view);
        return training.Minimize(new LearnedViewCrossEntropy(view, reversal), weight);
    }

    /// <summary>
    /// Asks that target rows are read as they are under a view that learns what changes their reading.
    /// </summary>
    /// <param name="training">The training.</param>
    /// <param name="view">The view; it is moved by the main phase.</param>
    /// <param name="reversal">The factor of the reversed gradient over progress. Default 1.</param>
    /// <param name="weight">The weight of the term over progress. Default 1.</param>
    public static NetworkTraining RequireConsistencyUnderView(
        this NetworkTraining training,
        ILearnedView view,
        Schedule? reversal = null,
        Schedule? weight = null
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(view);
        training.Main.Move(view);
        return training.Minimize(new LearnedViewConsistency(view, reversal), weight);
    }
}
