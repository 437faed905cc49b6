namespace TransferLearning.Training;

/// <summary>
/// Training stopped because an objective's value was NaN or infinite; the parameters of that step were not updated on
/// the CPU.
/// </summary>
public sealed class DivergenceException : Exception
{
    internal DivergenceException(string objective, long step, string? lastCheckpoint)
        : base(
            $"The objective '{objective}' was NaN or infinite at step {step}. Lower the learning rate, clip "
                + "gradients, or look at "
                + $"the inputs of that step. Last checkpoint: {lastCheckpoint ?? "none"}."
        ) => (Objective, Step, LastCheckpoint) = (objective, step, lastCheckpoint);

    /// <summary>The objective whose value was not finite.</summary>
    public string Objective { get; }

    /// <summary>The step, from 1.</summary>
    public long Step { get; }

    /// <summary>The path of the last good checkpoint, or null if none was written.</summary>
    public string? LastCheckpoint { get; }
}
