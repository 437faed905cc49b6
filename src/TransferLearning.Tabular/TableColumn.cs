using System.Globalization;

namespace TransferLearning.Tabular;

/// <summary>One named column of a <see cref="Table"/>: numbers, or texts.</summary>
public sealed class TableColumn
{
    private readonly double[]? numbers;
    private readonly string?[]? texts;

    /// <summary>A column of numbers; NaN stands for a missing one.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public TableColumn(string name, IReadOnlyList<double> numbers)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(numbers);
        (Name, this.numbers) = (name, [.. numbers]);
    }

    /// <summary>A column of texts; null stands for a missing one.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public TableColumn(string name, IReadOnlyList<string?> texts)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(texts);
        (Name, this.texts) = (name, [.. texts]);
    }

    /// <summary>
    /// Numbers of whatever type; where it holds more than a double tells, their texts are kept as well.
    /// </summary>
    internal static TableColumn Of(string name, IReadOnlyList<IConvertible?> cells)
    {
        double[] rounded = [.. cells.Select(cell => cell?.ToDouble(CultureInfo.InvariantCulture) ?? double.NaN)];
        // A double holds every whole number below 2^53, and writes those from 1e15 on in another way.
        var isExact =
            !cells.Any(cell => cell is long or ulong or decimal) || !rounded.Any(number => Math.Abs(number) >= 1e15);
        return new TableColumn(name, rounded, isExact ? null : [.. cells.Select(Exactly)]);
    }

    // A decimal without the zeros of its scale, so that 2.50 is 2.5.
    private static string? Exactly(IConvertible? cell) =>
        cell is decimal number
            ? number.ToString("G29", CultureInfo.InvariantCulture)
            : cell?.ToString(CultureInfo.InvariantCulture);

    /// <summary>Numbers that were read from texts which say more than the numbers: <c>01234</c>.</summary>
    internal TableColumn(string name, IReadOnlyList<double> numbers, IReadOnlyList<string?>? texts)
        : this(name, numbers) => this.texts = texts is null ? null : [.. texts];

    /// <summary>The column's name.</summary>
    public string Name { get; }

    /// <summary>True for numbers, false for texts.</summary>
    public bool IsNumeric => numbers is not null;

    /// <summary>How many rows the column has.</summary>
    public int Count => numbers?.Length ?? texts!.Length;

    /// <summary>The numbers, NaN where one is missing.</summary>
    /// <exception cref="InvalidOperationException">The column holds texts.</exception>
    public IReadOnlyList<double> Numbers =>
        numbers ?? throw new InvalidOperationException($"The column '{Name}' holds texts; read Texts.");

    /// <summary>The texts, null where one is missing.</summary>
    /// <exception cref="InvalidOperationException">The column holds numbers.</exception>
    public IReadOnlyList<string?> Texts =>
        numbers is null
            ? texts!
            : throw new InvalidOperationException($"The column '{Name}' holds numbers; read Numbers.");

    /// <summary>How many cells are missing.</summary>
    public int MissingCount => numbers?.Count(double.IsNaN) ?? texts!.Count(text => text is null);

    /// <inheritdoc />
    public override string ToString() => $"{Name} ({Count} {(IsNumeric ? "numbers" : "texts")})";

    /// <summary>
    /// The numbers that the rows have in the file of which they are a part; null where they are the whole.
    /// </summary>
    internal IReadOnlyList<long>? Origins { get; set; }

    /// <summary>A row as errors name it.</summary>
    internal long RowNumber(int row) => Origins?[row] ?? row;

    /// <summary>A cell as a category's name; null where it is missing.</summary>
    internal string? Category(int row) =>
        texts is not null ? (texts[row] is { } text ? Cell.Category(text) : null)
        : double.IsNaN(numbers![row]) ? null
        : Cell.Text(numbers[row]);

    internal TableColumn Rows(IReadOnlyList<int> rows)
    {
        string?[]? some = texts is null ? null : [.. rows.Select(row => texts[row])];
        return numbers is null
            ? new TableColumn(Name, some!)
            : new TableColumn(Name, [.. rows.Select(row => numbers[row])], some);
    }
}
