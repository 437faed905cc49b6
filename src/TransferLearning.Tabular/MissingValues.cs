namespace TransferLearning.Tabular;

/// <summary>What a <see cref="TableEncoding"/> does with missing cells of its feature columns.</summary>
public enum MissingValues
{
    /// <summary>An error that names the column and its first row without a value.</summary>
    Refuse,

    /// <summary>
    /// Numbers take the column's mean over all rows that the encoder was fitted on; a missing category is a category of
    /// its own.
    /// </summary>
    Mean,

    /// <summary>As <see cref="Mean"/>, with the median.</summary>
    Median,
}
