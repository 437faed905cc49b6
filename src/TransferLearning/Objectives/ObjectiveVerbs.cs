using TransferLearning.Training;

namespace TransferLearning.Objectives;

/// <summary>Verbs for terms that several families share.</summary>
public static class ObjectiveVerbs
{
    /// <summary>Penalizes the gap between source and target features.</summary>
    /// <param name="training">The training.</param>
    /// <param name="discrepancy">What measures the gap.</param>
    /// <param name="weight">The weight over progress. Default 1.</param>
    public static NetworkTraining Align(
        this NetworkTraining training,
        IDiscrepancy discrepancy,
        Schedule? weight = null
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        return training.Minimize(new Alignment(discrepancy), weight);
    }
}
