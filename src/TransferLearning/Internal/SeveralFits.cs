namespace TransferLearning.Internal;

/// <summary>What runs of several fits with the same options ask of them.</summary>
internal static class SeveralFits
{
    /// <summary>Refuses checkpoints: one folder is of one fit.</summary>
    public static void RefuseCheckpoints(FitOptions? options)
    {
        if (options?.Checkpoints is not null)
        {
            throw new ArgumentException(
                "there are several fits, and one checkpoint folder is of one: leave Checkpoints away.",
                nameof(options)
            );
        }
    }
}
