using System.Globalization;
using Sylvan.Data.Csv;

namespace TransferLearning.Tabular;

/// <summary>The records of a CSV text, one after the other.</summary>
internal sealed class CsvRecords : IDisposable
{
    private readonly CsvDataReader reader;
    private readonly HashSet<string> missing;
    private readonly string name;
    private readonly IReadOnlyList<long>? records;
    private int count;

    public CsvRecords(CsvDataReader reader, CsvFormat format, string name, IReadOnlyList<long>? records = null)
    {
        (this.reader, this.name, this.records) = (reader, name, records);
        missing = new HashSet<string>(format.Missing.Select(text => text.Trim()), StringComparer.OrdinalIgnoreCase);
        Columns = [.. Enumerable.Range(0, reader.FieldCount).Select(NameOf)];
        if (Columns.Count == 0)
        {
            throw new InvalidDataException($"{name} is empty.");
        }
        if (Columns.FirstOrDefault(string.IsNullOrWhiteSpace) is not null)
        {
            throw new InvalidDataException(
                $"{name} has a column without a name; name it, or set CsvFormat.HasHeader to false where the first "
                    + "line is one of data."
            );
        }
        if (Columns.GroupBy(column => column, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new InvalidDataException($"{name} has two columns named '{twice.Key}'.");
        }

        string NameOf(int column) =>
            format.HasHeader ? reader.GetName(column).Trim() : column.ToString(CultureInfo.InvariantCulture);
    }

    public IReadOnlyList<string> Columns { get; }

    /// <summary>Goes on to the next record, past lines of spaces alone; false at the end.</summary>
    public bool Read()
    {
        count++;
        try
        {
            do
            {
                if (!reader.Read())
                {
                    return false;
                }
            } while (reader.GetRawRecordSpan().Trim(" \r\n").IsEmpty);
        }
        catch (CsvFormatException fault)
        {
            throw new InvalidDataException($"{name}, record {Number}: {fault.Message}", fault);
        }
        return reader.RowFieldCount == Columns.Count
            ? true
            : throw new InvalidDataException(
                $"{name}, record {Number}: {reader.RowFieldCount} cells, but there are {Columns.Count} "
                    + "columns. Look for a delimiter inside a cell that is not quoted."
            );
    }

    /// <summary>The present record's cell without its surrounding spaces; null where it is missing.</summary>
    public string? Cell(int column)
    {
        var text = reader.GetString(column).Trim();
        return missing.Contains(text) ? null : text;
    }

    public void Dispose() => reader.Dispose();

    // The present record, counted from 1; lines of spaces alone are none.
    private long Number => records is null ? count : records[Math.Min(count, records.Count) - 1] + 1;
}
