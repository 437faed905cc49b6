namespace TransferLearning.Training;

/// <summary>Whether a run goes on from an earlier one's checkpoint.</summary>
public enum ResumeMode
{
    /// <summary>Start anew; checkpoints that lie in the folder are an error, so that nothing is overwritten.</summary>
    Never,

    /// <summary>Go on if there is a checkpoint, else start anew.</summary>
    IfPresent,

    /// <summary>Go on; it is an error if there is no checkpoint.</summary>
    Required,
}
