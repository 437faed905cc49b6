using System.Globalization;
using System.Text.Json;
using static TorchSharp.torch;

namespace TransferLearning.Tabular;

/// <summary>A fitted <see cref="TableEncoding"/>: makes domains of tables, now and when the model serves.</summary>
/// <remarks>
/// It does not change, and threads may share it. Keep it with the model (<see cref="Save"/>): rows that a model
/// predicts must be encoded as those that it learned from.
/// </remarks>
public sealed class TableEncoder
{
    // Rows of a file are read this many at a time for their labels.
    private const int Block = 4096;

    private readonly IReadOnlyList<FeatureColumn> columns;
    private readonly string? weight;
    private readonly UnknownCategories unknown;

    internal TableEncoder(
        IReadOnlyList<FeatureColumn> columns,
        string? label,
        LabelSpace? labels,
        string? weight,
        UnknownCategories unknown
    )
    {
        (this.columns, Label, Labels, this.weight, this.unknown) = (columns, label, labels, weight, unknown);
        Features = [.. columns.SelectMany(column => column.Features)];
    }

    /// <summary>The features' names, by column of the encoded rows: <c>age</c>, <c>city=Berlin</c>, ...</summary>
    public IReadOnlyList<string> Features { get; }

    /// <summary>The label's column; null where the encoding named none.</summary>
    public string? Label { get; }

    /// <summary>What labels mean: the classes by name, or values; null where the encoding named no label.</summary>
    public LabelSpace? Labels { get; }

    /// <summary>A table's rows as features.</summary>
    /// <param name="table">The table; it may lack the columns of the label and of the weights.</param>
    /// <returns>float32 <c>[n, d]</c>, a column for each of <see cref="Features"/>; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">
    /// There is no row, a feature's column is missing or has another kind of cells, a cell is missing that nothing
    /// fills, or a category is unknown. The message names the column and the first such row.
    /// </exception>
    public Tensor Encode(Table table)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (table.Count == 0)
        {
            throw new ArgumentException("the table has no rows; at least one is needed.", nameof(table));
        }
        var rows = new float[table.Count, Features.Count];
        var at = 0;
        foreach (var column in columns)
        {
            var cells = new CellEncoder(column, unknown);
            var source = table[column.Name];
            for (var row = 0; row < table.Count; row++)
            {
                cells.Write(source, row, rows, at);
            }
            at += column.Width;
        }
        return tensor(rows);
    }

    /// <summary>
    /// A table with labels as a domain, with its class names and, where the encoding names one, weights.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <exception cref="InvalidOperationException">The encoding named no label.</exception>
    /// <exception cref="ArgumentException">
    /// As <see cref="Encode"/>; or a label or weight is missing, or a class is unknown.
    /// </exception>
    public LabeledDomain Labeled(Table table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var labels = LabelsOf(table[LabelColumn()]);
        return new LabeledDomain(Encode(table), labels, weight is null ? null : WeightsOf(table[weight]), Labels);
    }

    /// <summary>A table as a domain without labels; a label column that it has is not read.</summary>
    /// <inheritdoc cref="Encode" path="/exception"/>
    public UnlabeledDomain Unlabeled(Table table) => new(Encode(table));

    /// <summary>
    /// The rows of a CSV file that stays on disk, for a file larger than memory. Fit the encoding on a part of it that
    /// holds all categories, or set <see cref="TableEncoding.Unknown"/> to zeros.
    /// </summary>
    /// <param name="path">The file, in UTF-8; it must not change while it is read.</param>
    /// <param name="format">How the file is written. Default a header, and a delimiter that is detected.</param>
    /// <param name="cancellationToken">Ends the first look through the file.</param>
    /// <returns>The rows; the caller disposes them, after every domain that reads from them.</returns>
    /// <exception cref="InvalidDataException">The file has no rows, or its first line is no UTF-8.</exception>
    public CsvRows Rows(string path, CsvFormat? format = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new CsvRows(path, this, format ?? new CsvFormat(), cancellationToken);
    }

    /// <summary>
    /// The rows of a Parquet file that stays on disk, for a file larger than memory. Fit the encoding on a part of it
    /// that holds all categories, or set <see cref="TableEncoding.Unknown"/> to zeros.
    /// </summary>
    /// <param name="path">The file, of flat columns; it must not change while it is read.</param>
    /// <param name="cachedGroups">
    /// How many of the file's row groups are kept in memory, encoded, those that were read last; at least 1.
    /// </param>
    /// <returns>The rows; the caller disposes them, after every domain that reads from them.</returns>
    /// <exception cref="InvalidDataException">The file is no Parquet file, or has no rows.</exception>
    /// <exception cref="ArgumentException">It lacks a feature's column.</exception>
    public ParquetRows ParquetRows(string path, int cachedGroups = 2)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(cachedGroups, 1);
        return new ParquetRows(path, this, [.. columns.Select(column => column.Name)], cachedGroups);
    }

    /// <summary>
    /// The rows of a CSV file with labels as a domain; labels and weights are read at once, rows when needed.
    /// </summary>
    /// <param name="rows">The rows, of this encoder; they stay the caller's.</param>
    /// <param name="cancellationToken">Ends the reading of the labels.</param>
    /// <exception cref="InvalidOperationException">The encoding named no label.</exception>
    /// <exception cref="ArgumentException">
    /// The rows are of another encoder; or a label or weight is missing, or a class is unknown.
    /// </exception>
    public LabeledDomain Labeled(CsvRows rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Own(rows.IsOf(this));
        var starts = Enumerable.Range(0, (int)((rows.Count + Block - 1) / Block)).Select(block => (long)block * Block);
        return Labeled(
            rows,
            starts.Select(start =>
                rows.Table([
                    .. Enumerable.Range(0, (int)Math.Min(Block, rows.Count - start)).Select(row => start + row),
                ])
            ),
            cancellationToken
        );
    }

    /// <summary>
    /// The rows of a Parquet file with labels as a domain; labels and weights are read at once, rows when needed.
    /// </summary>
    /// <inheritdoc cref="Labeled(CsvRows, CancellationToken)" path="/param"/>
    /// <inheritdoc cref="Labeled(CsvRows, CancellationToken)" path="/exception"/>
    public LabeledDomain Labeled(ParquetRows rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Own(rows.IsOf(this));
        string[] names = weight is null ? [LabelColumn()] : [LabelColumn(), weight];
        return Labeled(rows, rows.Tables(names, cancellationToken), cancellationToken);
    }

    /// <summary>Writes the encoder as JSON.</summary>
    /// <param name="path">The file; one that stands there gives way only to a complete one.</param>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var unfinished = path + ".writing";
        File.WriteAllBytes(unfinished, JsonSerializer.SerializeToUtf8Bytes(Saved(), EncoderFile.Context.EncoderFile));
        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Reads an encoder from a file that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file is no encoder, or of a later version.</exception>
    public static TableEncoder Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return EncoderFile.Read(path);
    }

    /// <inheritdoc />
    public override string ToString() =>
        $"{Features.Count} features ({string.Join(", ", Features)})" + (Label is null ? "" : $"; {Label}: {Labels}");

    private static void Own(bool isOwn)
    {
        if (!isOwn)
        {
            throw new ArgumentException("the rows are of another encoder.", "rows");
        }
    }

    private LabeledDomain Labeled(IRowSource rows, IEnumerable<Table> tables, CancellationToken cancellationToken)
    {
        var label = LabelColumn();
        using var scope = NewDisposeScope();
        var labels = new List<Tensor>();
        var weights = new List<Tensor>();
        foreach (var table in tables)
        {
            cancellationToken.ThrowIfCancellationRequested();
            labels.Add(LabelsOf(table[label]));
            if (weight is not null)
            {
                weights.Add(WeightsOf(table[weight]));
            }
        }
        var domain = new LabeledDomain(rows, cat(labels), weight is null ? null : cat(weights), Labels);
        domain.Labels.MoveToOuterDisposeScope();
        domain.Weights?.MoveToOuterDisposeScope();
        return domain;
    }

    private string LabelColumn() =>
        Label
        ?? throw new InvalidOperationException("The encoding named no label: set TableEncoding.Label before the fit.");

    private EncoderFile Saved() =>
        new()
        {
            Columns = [.. columns],
            Label = Label,
            Classes = Labels is { IsClasses: true } ? [.. Labels.Value.Names] : null,
            Weight = weight,
            Unknown = unknown,
        };

    private Tensor LabelsOf(TableColumn column)
    {
        if (Labels is not { IsClasses: true } classes)
        {
            return tensor(NumbersOf(column, "label"), ScalarType.Float32);
        }
        var numbers = classes.Names.Index().ToDictionary(pair => pair.Item, pair => (long)pair.Index);
        var labels = new long[column.Count];
        for (var row = 0; row < labels.Length; row++)
        {
            var name =
                column.Category(row)
                ?? throw new ArgumentException($"the label '{column.Name}' is missing in row {column.RowNumber(row)}.");
            if (!numbers.TryGetValue(name, out labels[row]))
            {
                throw new ArgumentException(
                    $"the label '{column.Name}' is '{name}' in row {column.RowNumber(row)}; the encoder knows "
                        + $"{classes}."
                );
            }
        }
        return tensor(labels);
    }

    private static Tensor WeightsOf(TableColumn column) => tensor(NumbersOf(column, "weight"), ScalarType.Float32);

    private static double[] NumbersOf(TableColumn column, string what)
    {
        if (!column.IsNumeric)
        {
            throw new ArgumentException($"the {what} '{column.Name}' must be a column of numbers; it holds texts.");
        }
        double[] numbers = [.. column.Numbers];
        var bad = Array.FindIndex(numbers, number => !float.IsFinite((float)number));
        return bad < 0 ? numbers
            : double.IsNaN(numbers[bad])
                ? throw new ArgumentException($"the {what} '{column.Name}' is missing in row {column.RowNumber(bad)}.")
            : throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the {what} '{column.Name}' is {numbers[bad]} in row {column.RowNumber(bad)}, beyond the "
                        + $"largest float32, 3.4E38."
                )
            );
    }
}
