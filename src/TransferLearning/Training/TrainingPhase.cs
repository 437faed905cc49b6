namespace TransferLearning.Training;

/// <summary>One part of a step: which parts move, by which objectives, how many times.</summary>
/// <remarks>
/// The optimizer belongs to the part, not to the phase: phases that move the same part share its momentum. Parts that a
/// phase does not move are frozen while it runs.
/// </remarks>
public sealed class TrainingPhase
{
    private readonly List<IPart> moved = [];
    private readonly List<WeightedObjective> objectives = [];

    internal TrainingPhase() { }

    /// <summary>The parts that move.</summary>
    public IReadOnlyList<IPart> Moved => moved;

    /// <summary>How many times a step the phase runs.</summary>
    public int Times { get; private set; } = 1;

    internal IReadOnlyList<WeightedObjective> Objectives => objectives;

    /// <summary>Adds a term to minimize.</summary>
    /// <param name="objective">The term.</param>
    /// <param name="weight">Its weight over progress; at exactly 0 the term is not evaluated. Default 1.</param>
    public TrainingPhase Minimize(IObjective objective, Schedule? weight = null)
    {
        ArgumentNullException.ThrowIfNull(objective);
        objectives.Add(new WeightedObjective(objective, weight ?? 1.0));
        return this;
    }

    /// <summary>Adds a term to maximize: it is minimized with the opposite weight.</summary>
    public TrainingPhase Maximize(IObjective objective, Schedule? weight = null) =>
        Minimize(objective, (weight ?? 1.0).Times(-1));

    /// <summary>Lets parts move: extractors, predictors, critics, whole or composed.</summary>
    public TrainingPhase Move(params ReadOnlySpan<IPart> parts)
    {
        foreach (var part in parts)
        {
            ArgumentNullException.ThrowIfNull(part, nameof(parts));
            if (!moved.Exists(known => ReferenceEquals(known, part)))
            {
                moved.Add(part);
            }
        }
        return this;
    }

    /// <summary>Runs the phase several times a step.</summary>
    /// <param name="times">At least 1.</param>
    public TrainingPhase Repeat(int times)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        Times = times;
        return this;
    }
}
