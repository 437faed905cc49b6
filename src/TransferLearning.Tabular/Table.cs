using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Analysis;

namespace TransferLearning.Tabular;

/// <summary>Rows with named columns, in memory: what a CSV file, a Parquet file or a data frame holds.</summary>
/// <remarks>
/// A table does not change. A <see cref="TableEncoder"/> makes domains of it. Threads may share it.
/// </remarks>
[SuppressMessage("Naming", "CA1724", Justification = "It is the word for it.")]
public sealed class Table
{
    private readonly Dictionary<string, TableColumn> byName;

    /// <summary>A table of some columns.</summary>
    /// <exception cref="ArgumentException">
    /// There is no column, two have one name, or their numbers of rows differ.
    /// </exception>
    public Table(IReadOnlyList<TableColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Count == 0)
        {
            throw new ArgumentException("a table needs at least one column; got none.", nameof(columns));
        }
        byName = new Dictionary<string, TableColumn>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            if (!byName.TryAdd(column.Name, column))
            {
                throw new ArgumentException($"two columns have the name '{column.Name}'.", nameof(columns));
            }
            if (column.Count != columns[0].Count)
            {
                throw new ArgumentException(
                    $"all columns need the same number of rows; {columns[0]} and {column} differ.",
                    nameof(columns)
                );
            }
        }
        Columns = [.. columns];
    }

    /// <summary>The columns, in order.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>How many rows there are.</summary>
    public int Count => Columns[0].Count;

    /// <summary>The column of a name; upper and lower case differ.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public TableColumn this[string name] =>
        byName.TryGetValue(name, out var column)
            ? column
            : throw new ArgumentException(
                $"there is no column '{name}'; the table has {string.Join(", ", Columns.Select(c => $"'{c.Name}'"))}.",
                nameof(name)
            );

    /// <summary>Whether there is a column of this name.</summary>
    public bool Has(string name) => byName.ContainsKey(name);

    /// <summary>Reads a CSV file. A column whose cells are all numbers, or missing, is one of numbers.</summary>
    /// <param name="path">The file, in UTF-8.</param>
    /// <param name="format">How the file is written. Default a header, and a delimiter that is detected.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is empty or no UTF-8, a line has another number of cells than the header, or a column has no name or
    /// one twice.
    /// </exception>
    public static Table ReadCsv(string path, CsvFormat? format = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var reader = Utf8.Open(path);
        return Utf8.Named(path, () => CsvTables.Read(reader, format ?? new CsvFormat(), $"'{path}'"));
    }

    /// <summary>Reads CSV text, as <see cref="ReadCsv(string, CsvFormat?)"/> reads a file.</summary>
    /// <inheritdoc cref="ReadCsv(string, CsvFormat?)" path="/exception"/>
    /// <param name="reader">The text; it stays open.</param>
    /// <param name="format">How the text is written. Default a header, and a delimiter that is detected.</param>
    public static Table ReadCsv(TextReader reader, CsvFormat? format = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return CsvTables.Read(reader, format ?? new CsvFormat(), "the text");
    }

    /// <summary>Reads a Parquet file of flat columns: numbers, Booleans, texts.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Ends the reading between two columns.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is no Parquet file, or a column is nested, or of a type that is neither number nor text.
    /// </exception>
    public static Task<Table> ReadParquetAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ParquetTables.Read(path, cancellationToken);
    }

    /// <summary>The rows of a data frame: number and Boolean columns as numbers, others as texts.</summary>
    public static Table From(DataFrame frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        return DataFrameTables.Read(frame);
    }

    /// <summary>Some rows of the table, in that order.</summary>
    /// <param name="rows">Row numbers; one may stand more than once.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 0, or not below <see cref="Count"/>.</exception>
    public Table Rows(IReadOnlyList<int> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        foreach (var row in rows)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(row, nameof(rows));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count, nameof(rows));
        }
        return new Table([.. Columns.Select(column => column.Rows(rows))]);
    }

    /// <summary>
    /// The rows of each value of a column: the domains that a table holds, by country, by year, by device.
    /// </summary>
    /// <param name="column">The column's name. Rows without a value are left out.</param>
    /// <returns>The values' tables, by value.</returns>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public IReadOnlyDictionary<string, Table> SplitBy(string column)
    {
        var values = this[column];
        return Enumerable
            .Range(0, Count)
            .Where(row => values.Category(row) is not null)
            .GroupBy(row => values.Category(row)!, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => Rows([.. group]), StringComparer.Ordinal);
    }

    /// <inheritdoc />
    public override string ToString() => $"{Count} rows of {string.Join(", ", Columns.Select(column => column.Name))}";
}
