using System.Globalization;
using Sylvan.Data.Csv;

namespace TransferLearning.Tabular;

/// <summary>Tables from CSV.</summary>
internal static class CsvTables
{
    // Those that the reader detects.
    private static readonly char[] Delimiters = [',', '\t', ';', '|'];

    /// <summary>Reads all records of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="records">
    /// The numbers, from 0, that the text's records have in the file that they come from; null where it is the file.
    /// </param>
    public static Table Read(TextReader text, CsvFormat format, string name, IReadOnlyList<long>? records = null)
    {
        using var csv = Open(text, format, name, records);
        var cells = csv.Columns.Select(_ => new List<string?>()).ToList();
        while (csv.Read())
        {
            for (var column = 0; column < cells.Count; column++)
            {
                cells[column].Add(csv.Cell(column));
            }
        }
        return new Table([.. csv.Columns.Select((column, number) => ColumnOf(column, cells[number]))]);
    }

    /// <summary>Opens a text and checks its header.</summary>
    public static CsvRecords Open(TextReader text, CsvFormat format, string name, IReadOnlyList<long>? records = null)
    {
        if (format.Delimiter is { } cut && (char.IsAsciiLetterOrDigit(cut) || cut is '"' or '\n' or '\r' or > '\x7E'))
        {
            throw new ArgumentException(
                $"CsvFormat.Delimiter must be a character between cells, a comma or a tab for instance; got '{cut}'.",
                nameof(format)
            );
        }
        var options = new CsvDataReaderOptions
        {
            Delimiter = format.Delimiter,
            HasHeaders = format.HasHeader,
            Comment = '\0', // a cell that begins with # is a cell
            Culture = CultureInfo.InvariantCulture,
            OwnsReader = false,
            MaxBufferSize = 1 << 26,
        };
        try
        {
            return new CsvRecords(CsvDataReader.Create(text, options), format, name, records);
        }
        catch (Exception fault) when (fault is CsvFormatException or CsvMissingHeadersException)
        {
            throw new InvalidDataException($"{name} is no CSV file of rows with columns: {fault.Message}", fault);
        }
    }

    /// <summary>The delimiter of a file; where it is detected, the one by which its first line reads alike.</summary>
    public static char Delimiter(string path, CsvFormat format)
    {
        if (format.Delimiter is { } given)
        {
            return given;
        }
        return Utf8.Named(
            path,
            () =>
            {
                var detected = First(null);
                return Delimiters.FirstOrDefault(delimiter => First(delimiter).SequenceEqual(detected), Delimiters[0]);
            }
        );

        List<string?> First(char? delimiter)
        {
            using var text = Utf8.Open(path);
            using var csv = Open(text, format with { Delimiter = delimiter }, $"'{path}'");
            return format.HasHeader || !csv.Read() ? [.. csv.Columns] : [.. csv.Columns.Select((_, i) => csv.Cell(i))];
        }
    }

    private static TableColumn ColumnOf(string name, List<string?> cells)
    {
        var numbers = new double[cells.Count];
        var saysMore = false;
        for (var row = 0; row < numbers.Length; row++)
        {
            if (cells[row] is not { } cell)
            {
                numbers[row] = double.NaN;
            }
            else if (Cell.TryNumber(cell, out numbers[row]))
            {
                saysMore |= !string.Equals(Cell.Category(cell), Cell.Text(numbers[row]), StringComparison.Ordinal);
            }
            else
            {
                return new TableColumn(name, cells);
            }
        }
        return new TableColumn(name, numbers, saysMore ? cells : null);
    }
}
