namespace TransferLearning.Tabular;

/// <summary>What a <see cref="TableEncoder"/> does with a category that it was not fitted on.</summary>
public enum UnknownCategories
{
    /// <summary>An error that names the column, the category and its first row.</summary>
    Refuse,

    /// <summary>All features of the column are 0 in that row.</summary>
    Zeros,
}
