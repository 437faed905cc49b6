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

    /// <summary>
    /// The same in float16, whose numbers end at 65,504 and below 6e-8: a dynamic factor on the losses (Micikevicius et
    /// al. 2018, "Mixed Precision Training") keeps small gradients from vanishing. It begins at 65,536, doubles behind
    /// 2,000 updates in a row and is halved where a gradient overflows, whose update is left out. Whether one has is
    /// read by the host, once an update.
    /// </summary>
    Float16,
}
