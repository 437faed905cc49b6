namespace TransferLearning.Training;

/// <summary>Where checkpoints go, how often, how many stay, and whether to resume. Immutable.</summary>
/// <param name="Directory">The folder of one run's checkpoints; made if missing.</param>
public sealed record CheckpointOptions(string Directory) : IPlanned
{
    /// <summary>A checkpoint every so many steps; 0 writes only at ends of epochs.</summary>
    [OptionRange(AtLeast = 0)]
    public int EverySteps { get; init; }

    /// <summary>A checkpoint every so many epochs. Default 1.</summary>
    [OptionRange(AtLeast = 1)]
    public int EveryEpochs { get; init; } = 1;

    /// <summary>How many of the latest checkpoints stay. Default 3.</summary>
    [OptionRange(AtLeast = 1)]
    public int KeepLast { get; init; } = 3;

    /// <summary>
    /// Whether the checkpoint with the best validation score stays as well, as <c>best.checkpoint</c>. Default true.
    /// </summary>
    public bool KeepBest { get; init; } = true;

    /// <summary>
    /// Whether to go on from the latest checkpoint in the folder. Default <see cref="ResumeMode.Never"/>.
    /// </summary>
    public ResumeMode Resume { get; init; }

    /// <summary>
    /// Whether a damaged latest checkpoint is passed over for the one before, with a warning, instead of refused.
    /// </summary>
    public bool FallBack { get; init; }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        if (string.IsNullOrWhiteSpace(Directory))
        {
            yield return "Checkpoints need a Directory.";
        }
    }
}
