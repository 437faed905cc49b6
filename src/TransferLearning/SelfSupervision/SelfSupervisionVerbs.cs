using TransferLearning.Training;

namespace TransferLearning.SelfSupervision;

/// <summary>Verbs for learning without labels.</summary>
public static class SelfSupervisionVerbs
{
    /// <summary>
    /// Lets the network learn from an objective without labels in its main phase, and the objective's own parts with
    /// it.
    /// </summary>
    /// <param name="training">The training.</param>
    /// <param name="objective">The objective.</param>
    /// <param name="weight">Its weight over progress. Default 1.</param>
    public static NetworkTraining SelfSupervise(
        this NetworkTraining training,
        ISelfSupervision objective,
        Schedule? weight = null
    )
    {
        ArgumentNullException.ThrowIfNull(training);
        training.Main.SelfSupervise(objective, weight);
        return training;
    }

    /// <summary>
    /// Lets the parts that the phase moves learn from an objective without labels, and the objective's own parts with
    /// them.
    /// </summary>
    /// <param name="phase">The phase.</param>
    /// <param name="objective">The objective.</param>
    /// <param name="weight">Its weight over progress. Default 1.</param>
    public static TrainingPhase SelfSupervise(
        this TrainingPhase phase,
        ISelfSupervision objective,
        Schedule? weight = null
    )
    {
        ArgumentNullException.ThrowIfNull(phase);
        ArgumentNullException.ThrowIfNull(objective);
        return phase.Move([.. objective.Learned]).Minimize(objective, weight);
    }
}
