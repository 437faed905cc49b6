using Parquet;
using static TorchSharp.torch;

namespace TransferLearning.Tabular;

/// <summary>
/// The rows of a Parquet file that stays on disk, encoded when they are read, a group of rows at a time.
/// </summary>
/// <remarks>
/// <para>
/// A Parquet file holds its rows in groups, which can only be read as wholes. The groups that were read last are kept,
/// encoded: <c>4 d</c> bytes a row. What goes over the rows in order, maps that stream for instance, reads each group
/// once; batches of drawn rows need most groups each time, so let the file have few or small ones, and keep as many
/// as memory allows.
/// </para>
/// <para>
/// Threads may read at the same time, one after the other. The file must not change. The caller disposes it, after
/// every domain that reads from it.
/// </para>
/// </remarks>
public sealed class ParquetRows : IRowSource, IDisposable
{
    private readonly Lock gate = new();
    private readonly FileStream stream;
    private readonly ParquetReader reader;
    private readonly TableEncoder encoder;
    private readonly string path;
    private readonly string[] columns;
    private readonly int cachedGroups;

    // Where each group begins, and last how many rows there are.
    private readonly long[] starts;

    // The groups that were read last, the latest at the end.
    private readonly List<(int Group, Tensor Rows)> cached = [];
    private bool isDisposed;

    internal ParquetRows(string path, TableEncoder encoder, string[] columns, int cachedGroups)
    {
        (this.path, this.encoder, this.columns, this.cachedGroups) = (path, encoder, columns, cachedGroups);
        stream = File.OpenRead(path);
        try
        {
            reader = Wait(ParquetTables.Open(stream, path, default));
            starts = [0, .. reader.RowGroups.Select(group => group.RowCount)];
            for (var i = 1; i < starts.Length; i++)
            {
                starts[i] += starts[i - 1];
            }
            if (Count < 1)
            {
                throw new InvalidDataException($"'{path}' has no rows.");
            }
            Has(columns);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public long Count => starts[^1];

    /// <summary>How many groups of rows the file has.</summary>
    public int Groups => starts.Length - 1;

    /// <inheritdoc />
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="ArgumentException">As <see cref="TableEncoder.Encode"/>.</exception>
    /// <exception cref="InvalidDataException">The file is broken there.</exception>
    public Tensor Read(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var numbers = rows.numel() == 0 ? [] : rows.cpu().data<long>().ToArray();
        foreach (var row in numbers)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(row, nameof(rows));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count, nameof(rows));
        }
        var all = empty([numbers.Length, encoder.Features.Count], float32);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            foreach (var of in numbers.Index().GroupBy(row => GroupOf(row.Item)).OrderBy(of => of.Key))
            {
                FitContext.CurrentCancellation.ThrowIfCancellationRequested();
                using var part = NewDisposeScope();
                var places = tensor(of.Select(row => (long)row.Index).ToArray());
                var wanted = tensor(of.Select(row => row.Item - starts[of.Key]).ToArray());
                all.index_copy_(0, places, Encoded(of.Key).index_select(0, wanted));
            }
        }
        return all.MoveToOuterDisposeScope();
    }

    /// <summary>Closes the file, and frees the groups that were kept.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (isDisposed)
            {
                return;
            }
            isDisposed = true;
            cached.ForEach(kept => kept.Rows.Dispose());
            cached.Clear();
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
            stream.Dispose();
        }
    }

    internal bool IsOf(TableEncoder other) => ReferenceEquals(encoder, other);

    /// <summary>Some columns of all groups, one after the other.</summary>
    internal IEnumerable<Table> Tables(string[] names, CancellationToken cancellation)
    {
        Has(names);
        for (var group = 0; group < Groups; group++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (starts[group + 1] > starts[group])
            {
                yield return Table(group, names);
            }
        }
    }

    private Tensor Encoded(int group)
    {
        var at = cached.FindIndex(kept => kept.Group == group);
        if (at >= 0)
        {
            var kept = cached[at];
            cached.RemoveAt(at);
            cached.Add(kept);
            return kept.Rows;
        }
        while (cached.Count >= cachedGroups)
        {
            cached[0].Rows.Dispose();
            cached.RemoveAt(0);
        }
        var rows = encoder.Encode(Table(group, columns)).DetachFromDisposeScope();
        cached.Add((group, rows));
        return rows;
    }

    private Table Table(int group, string[] names)
    {
        Table table;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            table = Wait(ParquetTables.Read(reader, group, names, path, default));
        }
        var numbers = new long[table.Count];
        for (var row = 0; row < numbers.Length; row++)
        {
            numbers[row] = starts[group] + row;
        }
        foreach (var column in table.Columns)
        {
            column.Origins = numbers;
        }
        return table;
    }

    private void Has(string[] names)
    {
        var known = reader.Schema.DataFields.Select(field => field.Name).ToList();
        if (names.FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } missing)
        {
            throw new ArgumentException(
                $"there is no column '{missing}' in '{path}'; it has "
                    + $"{string.Join(", ", known.Select(name => $"'{name}'"))}."
            );
        }
    }

    private int GroupOf(long row)
    {
        var found = Array.BinarySearch(starts, row);
        if (found < 0)
        {
            return ~found - 1;
        }
        // Groups without rows begin where the next one does.
        while (starts[found + 1] == row)
        {
            found++;
        }
        return found;
    }

    private static T Wait<T>(Task<T> reading) => reading.GetAwaiter().GetResult();
}
