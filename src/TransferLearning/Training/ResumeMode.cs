namespace TransferLearning.Training;

/// <summary>Whether a run goes on from an earlier one's checkpoint.</summary>
/// <remarks>
/// A checkpoint carries what its run's result follows from: the chain with all settings, the training options with
/// epochs and optimizers, the domains' values. A run in which any of it differs is refused with what differs. Free are
/// the device, how often checkpoints are written, log, progress, observers without state, and the initial weights,
/// which come from the checkpoint. More epochs are another run, because schedules follow progress: train the finished
/// model further in a folder of its own. Values are compared by a hash, which costs one pass over the rows in memory;
/// of rows that are read when needed the count and up to 64 are compared. Functions are not compared: neither what a
/// custom objective computes nor how a module's code runs.
/// </remarks>
public enum ResumeMode
{
    /// <summary>Start anew; checkpoints that lie in the folder are an error, so that nothing is overwritten.</summary>
    Never,

    /// <summary>Go on if there is a checkpoint, else start anew.</summary>
    IfPresent,

    /// <summary>Go on; it is an error if there is no checkpoint.</summary>
    Required,
}
