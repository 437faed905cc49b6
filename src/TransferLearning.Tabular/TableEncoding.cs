namespace TransferLearning.Tabular;

/// <summary>
/// How tables become domains: which column is the label, which are categories, what stands for a missing cell.
/// </summary>
/// <remarks>
/// Number columns become one feature each; a column of texts, or one named in <see cref="Categories"/>, becomes a
/// feature of 0 or 1 for each of its categories (one-hot). <see cref="Fit"/> learns categories, fills and class names
/// from the tables of all domains together, so that source and target have the same features.
/// </remarks>
public sealed record TableEncoding
{
    /// <summary>The label's column; null where no table has one.</summary>
    public string? Label { get; init; }

    /// <summary>
    /// Whether labels are classes; null, the default, for a label column of texts, or one that
    /// <see cref="Categories"/> names.
    /// </summary>
    public bool? LabelIsClass { get; init; }

    /// <summary>The column of example weights of labeled rows; null, the default, for none.</summary>
    public string? Weight { get; init; }

    /// <summary>Columns that are no features: identifiers, dates, the domain's name.</summary>
    public IReadOnlyList<string> Ignore { get; init; } = [];

    /// <summary>Number columns that are categories: postal codes, product numbers, codes from 1 to 5.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>
    /// The most categories that a feature column may have, above 1; more are refused, because such a column is
    /// mostly an identifier. Default 100.
    /// </summary>
    public int MaxCategories { get; init; } = 100;

    /// <summary>What to do with missing cells. Default an error.</summary>
    public MissingValues Missing { get; init; }

    /// <summary>What to do with categories that come up after the fit. Default an error.</summary>
    public UnknownCategories Unknown { get; init; }

    /// <summary>Learns features, fills and class names.</summary>
    /// <param name="tables">
    /// The tables of all domains, sources first. Feature columns must stand in all of them, with the same kind of
    /// cells; the label's column may be missing from unlabeled ones.
    /// </param>
    /// <returns>The encoder; it does not change, and threads may share it.</returns>
    /// <exception cref="ArgumentException">
    /// There is no table or no row, a named column is missing, the tables' feature columns differ, a cell is missing
    /// under <see cref="MissingValues.Refuse"/>, or a column has too many categories. The message names the column.
    /// </exception>
    public TableEncoder Fit(params IReadOnlyList<Table> tables)
    {
        ArgumentNullException.ThrowIfNull(tables);
        foreach (var table in tables)
        {
            ArgumentNullException.ThrowIfNull(table, nameof(tables));
        }
        return EncoderFit.Of(this, tables);
    }
}
