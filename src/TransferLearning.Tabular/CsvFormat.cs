namespace TransferLearning.Tabular;

/// <summary>How a CSV file is written: its delimiter, whether it has a header, and which cells are missing.</summary>
public sealed record CsvFormat
{
    /// <summary>The character between cells; null, the default, detects it from the first line.</summary>
    public char? Delimiter { get; init; }

    /// <summary>
    /// Whether the first line names the columns. Default true; without a header they are named <c>0</c>, <c>1</c>, ...
    /// </summary>
    public bool HasHeader { get; init; } = true;

    /// <summary>
    /// The texts that stand for a missing cell, compared without their surrounding spaces and without regard to case.
    /// Default the empty text, <c>NA</c>, <c>N/A</c>, <c>NaN</c>, <c>null</c> and <c>?</c>.
    /// </summary>
    public IReadOnlyList<string> Missing { get; init; } = ["", "NA", "N/A", "NaN", "null", "?"];
}
