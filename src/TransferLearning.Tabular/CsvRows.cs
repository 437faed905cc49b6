using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace TransferLearning.Tabular;

/// <summary>The rows of a CSV file that stays on disk, encoded when they are read: 8 bytes of memory a row.</summary>
/// <remarks>
/// The file is looked through once for where its records begin, and must not change afterwards. Threads may read at
/// the same time. The caller disposes it, after every domain that reads from it.
/// </remarks>
public sealed class CsvRows : IRowSource, IDisposable
{
    private readonly SafeFileHandle file;
    private readonly TableEncoder encoder;
    private readonly CsvFormat format;
    private readonly string path;

    // Where each record begins, the first line's too, and last where the file ends.
    private readonly List<long> starts;

    internal CsvRows(string path, TableEncoder encoder, CsvFormat format, CancellationToken cancellationToken)
    {
        (this.path, this.encoder, this.format) = (path, encoder, format);
        file = File.OpenHandle(path, options: FileOptions.RandomAccess);
        try
        {
            starts = CsvIndex.Of(file, CsvTables.Delimiter(path, format), cancellationToken);
            if (Count < 1)
            {
                throw new InvalidDataException($"'{path}' has no rows.");
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public long Count => starts.Count - 1 - First;

    private int First => format.HasHeader ? 1 : 0;

    /// <inheritdoc />
    /// <exception cref="ArgumentException">As <see cref="TableEncoder.Encode"/>.</exception>
    /// <exception cref="InvalidDataException">
    /// A record has another number of cells than the first line, or is no UTF-8.
    /// </exception>
    public Tensor Read(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return encoder.Encode(Table([.. rows.data<long>()]));
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => file.Dispose();

    internal bool IsOf(TableEncoder other) => ReferenceEquals(encoder, other);

    /// <summary>Some rows as a table.</summary>
    internal Table Table(IReadOnlyList<long> rows)
    {
        foreach (var row in rows)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(row, nameof(rows));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count, nameof(rows));
        }
        // The first line stands before them, so that names and delimiter are found as in the whole file.
        using var text = new MemoryStream();
        Copy(0, 1, text);
        for (var i = 0; i < rows.Count; )
        {
            // Records that follow each other are read at once.
            var run = 1;
            while (i + run < rows.Count && rows[i + run] == rows[i] + run)
            {
                run++;
            }
            Copy((int)rows[i] + First, run, text);
            i += run;
        }
        var whole = Utf8.Named(
            path,
            () =>
            {
                using var reader = new StringReader(Utf8.Decode(text.GetBuffer().AsSpan(0, (int)text.Length)));
                return CsvTables.Read(reader, format, $"'{path}'", format.HasHeader ? rows : [0, .. rows]);
            }
        );
        var table = format.HasHeader ? whole : whole.Rows([.. Enumerable.Range(1, rows.Count)]);
        foreach (var column in table.Columns)
        {
            column.Origins = rows;
        }
        return table;
    }

    private void Copy(int record, int count, MemoryStream text)
    {
        var bytes = new byte[starts[record + count] - starts[record]];
        for (var read = 0; read < bytes.Length; )
        {
            var more = RandomAccess.Read(file, bytes.AsSpan(read), starts[record] + read);
            read += more > 0 ? more : throw new EndOfStreamException($"'{path}' has become shorter.");
        }
        text.Write(bytes);
        // The last record of a file may end without a line break.
        text.WriteByte((byte)'\n');
    }
}
