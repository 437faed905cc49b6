namespace TransferLearning.Training;

/// <summary>The number format in which networks compute.</summary>
public enum Precision
{
    /// <summary>The dtype of the data and parameters as they are.</summary>
    AsData,

    /// <summary>
    /// bfloat16 in forward and backward passes; float32 copies of the parameters take the updates, normalisation layers stay in
    /// float32, and objectives see float32 features and scores.
    /// </summary>
    BFloat16,
}
