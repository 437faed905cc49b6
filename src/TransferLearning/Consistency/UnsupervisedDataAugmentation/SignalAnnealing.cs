namespace TransferLearning.Consistency;

/// <summary>How fast training-signal annealing releases labeled examples.</summary>
public enum SignalAnnealing
{
    /// <summary><c>p</c>: evenly over training.</summary>
    Linear,

    /// <summary><c>1 - exp(-5 p)</c>: early, for many labels.</summary>
    Logarithmic,

    /// <summary><c>exp(5 (p - 1))</c>: late, for few labels that are soon overfitted.</summary>
    Exponential,
}
