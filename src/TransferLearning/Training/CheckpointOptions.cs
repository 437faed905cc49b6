namespace TransferLearning.Training;

/// <summary>Where checkpoints go, how often, how many stay, and whether to resume. Immutable.</summary>
/// <param name="Directory">The folder of one run's checkpoints; made if missing.</param>
public sealed record CheckpointOptions(string Directory)
{
    /// <summary>A checkpoint every so many steps; 0 writes only at ends of epochs.</summary>
    public int EverySteps { get; init; }

    /// <summary>A checkpoint every so many epochs. Default 1.</summary>
    public int EveryEpochs { get; init; } = 1;

    /// <summary>How many of the latest checkpoints stay. Default 3.</summary>
    public int KeepLast { get; init; } = 3;

    /// <summary>Whether the checkpoint with the best validation score stays as well, as <c>best.checkpoint</c>. Default true.</summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>Whether to go on from the latest checkpoint in the folder. Default <see cref="ResumeMode.Never"/>.</summary>
    public ResumeMode Resume { get; init; }

    /// <summary>Whether a damaged latest checkpoint is passed over for the one before, with a warning, instead of refused.</summary>
    public bool FallBack { get; init; }

    internal IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Directory))
        {
            yield return "Checkpoints need a Directory.";
        }
        if (EverySteps < 0 || EveryEpochs < 1 || KeepLast < 1)
        {
            yield return $"Checkpoints need EverySteps >= 0, EveryEpochs >= 1 and KeepLast >= 1; got {EverySteps}, {EveryEpochs}, {KeepLast}.";
        }
    }
}
