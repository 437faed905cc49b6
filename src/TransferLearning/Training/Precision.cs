namespace TransferLearning.Training;

/// <summary>The number format in which networks compute.</summary>
public enum Precision
{
    /// <summary>The dtype of the data and parameters as they are.</summary>
    AsData,

    /// <summary>
    /// bfloat16 in forward and backward passes of the parts that train, whose parameters must be float32; float32
    /// copies of these take the updates and are what a fit leaves. What normalizes (TorchSharp's layers, whatever has
    /// running statistics) stays in float32, as do parts that no phase moves, teachers for instance; objectives see
    /// float32 features and scores.
    /// </summary>
    BFloat16,
}
