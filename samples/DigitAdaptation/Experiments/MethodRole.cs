namespace DigitAdaptation.Experiments;

/// <summary>What a method is for in the comparison.</summary>
public enum MethodRole
{
    /// <summary>Trained on the source alone: the floor.</summary>
    Baseline,

    /// <summary>Adapted to the target without its labels.</summary>
    Adaptation,

    /// <summary>Trained on the target's labels, which an application does not have: the ceiling.</summary>
    Oracle,
}
