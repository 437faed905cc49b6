using System.Runtime.ExceptionServices;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Data;

/// <summary>Rows that are read on another thread before they are asked for.</summary>
/// <remarks>
/// <para>
/// After a run of neighboring rows the next runs of that length are read ahead, and in a training the batches of the
/// next steps, which its sampler tells; at the end of each pass over a domain there is one batch that nobody could read
/// ahead. What is read are the same rows, so that results are the same bits. Memory holds up to three times as many
/// batches more as are read ahead.
/// </para>
/// <para>
/// The source is read by one thread at a time, never by the caller's. A fault of the source is thrown where the rows
/// that it belongs to are asked for, and asking again reads again. Where the run on the caller's thread is canceled, a
/// read that it waits for is left behind. The source stays the caller's, who disposes this first.
/// </para>
/// <para>
/// A source that allocates much managed memory sets off garbage collections beside the training, whose objectives
/// TorchSharp does not make safe from them (see Threads in the architecture): tensors are not managed memory.
/// </para>
/// </remarks>
public sealed class ReadAheadRows : IRowSource, IDisposable
{
    private const int Patience = 20; // milliseconds between two looks at the caller's token

    private readonly IRowSource rows;
    private readonly object gate = new();
    private readonly object callers = new(); // one reads at a time: a miss drops what another would wait for
    private readonly List<Batch> batches = [];
    private bool isReading;
    private bool isInSource;
    private bool isEnded;

    /// <summary>Reads a source ahead.</summary>
    /// <param name="rows">The source; it must bear being read on another thread.</param>
    /// <param name="ahead">How many batches are read before they are asked for, at least 1. Default 2.</param>
    /// <exception cref="ArgumentException">
    /// The rows are shards of several processes, which read together: read ahead each process's own rows instead.
    /// </exception>
    public ReadAheadRows(IRowSource rows, int ahead = 2)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(ahead, 1);
        if (rows is ShardedRows)
        {
            throw new ArgumentException(
                "the rows are shards of several processes, which read together: read ahead each process's own rows, "
                    + "and make shards of these.",
                nameof(rows)
            );
        }
        (this.rows, Ahead) = (rows, ahead);
    }

    private enum Progress
    {
        Waits,
        IsRead,
        IsDone,
    }

    /// <inheritdoc />
    public long Count => rows.Count;

    /// <summary>How many batches are read before they are asked for.</summary>
    public int Ahead { get; }

    /// <summary>How many reads found their rows read, or about to be, and how many did not.</summary>
    internal (long Met, long Missed) Reads { get; private set; }

    /// <inheritdoc />
    /// <exception cref="ObjectDisposedException">The caller has disposed it.</exception>
    public Tensor Read(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var wanted = rows.numel() == 0 ? [] : rows.cpu().data<long>().ToArray();
        while (!Monitor.TryEnter(callers, Patience))
        {
            Canceling.Check();
        }
        try
        {
            return ReadInTurn(wanted);
        }
        finally
        {
            Monitor.Exit(callers);
        }
    }

    /// <summary>Tells which rows will be asked for next, in the order of the batches.</summary>
    internal void Expect(IEnumerable<long[]> next)
    {
        lock (gate)
        {
            Add(next);
            Begin();
        }
    }

    /// <summary>Does something while the source is not read: a collection, which might meet what it computes.</summary>
    internal void BetweenReads(Action action)
    {
        lock (gate)
        {
            while (isInSource)
            {
                Canceling.Check();
                Monitor.Wait(gate, Patience);
            }
            action();
        }
    }

    /// <summary>Ends the reading; what was read ahead goes. A read under way is waited for.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isEnded = true;
            DropAll();
            while (isReading)
            {
                Monitor.Wait(gate);
            }
        }
    }

    private Tensor ReadInTurn(long[] wanted)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isEnded, this);
            var batch = batches.Find(known => known.Rows.AsSpan().SequenceEqual(wanted));
            Reads = batch is null ? (Reads.Met, Reads.Missed + 1) : (Reads.Met + 1, Reads.Missed);
            if (batch is null)
            {
                DropOld();
                batches.Insert(0, batch = new Batch(wanted));
            }
            ExpectNeighbors(wanted);
            Begin();
            return Awaited(batch);
        }
    }

    // A tensor belongs to the scopes of the thread that makes it: the caller gets another one of the same storage.
    private Tensor Awaited(Batch batch)
    {
        while (batch.Progress != Progress.IsDone)
        {
            Canceling.Check();
            Monitor.Wait(gate, Patience);
            ObjectDisposedException.ThrowIf(isEnded, this);
        }
        ObjectDisposedException.ThrowIf(isEnded, this);
        batches.Remove(batch);
        batch.Fault?.Throw();
        using var read = batch.Read!;
        return read.detach();
    }

    private void ExpectNeighbors(long[] wanted)
    {
        var isRun = wanted.Length > 1 && Enumerable.Range(1, wanted.Length - 1).All(i => wanted[i] == wanted[0] + i);
        if (!isRun)
        {
            return;
        }
        var runs = new List<long[]>();
        for (var start = wanted[^1] + 1; start < Count && runs.Count < Ahead; start += wanted.Length)
        {
            Canceling.Check();
            var length = (int)Math.Min(wanted.Length, Count - start);
            var first = start;
            runs.Add([.. Enumerable.Range(0, length).Select(i => first + i)]);
        }
        Add(runs);
    }

    private void Add(IEnumerable<long[]> next)
    {
        foreach (var wanted in next)
        {
            if (!isEnded && !batches.Exists(known => known.Rows.AsSpan().SequenceEqual(wanted)))
            {
                batches.Add(new Batch(wanted));
            }
        }
    }

    private void Begin()
    {
        if (!isReading && batches.Exists(batch => batch.Progress == Progress.Waits))
        {
            isReading = true;
            _ = Task.Run(ReadAll);
        }
    }

    private void ReadAll()
    {
        while (true)
        {
            Batch? next;
            lock (gate)
            {
                next = isEnded ? null : batches.Find(batch => batch.Progress == Progress.Waits);
                if (next is null)
                {
                    isReading = false;
                    Monitor.PulseAll(gate);
                    return;
                }
                (next.Progress, isInSource) = (Progress.IsRead, true);
            }
            var (read, fault) = ReadOne(next.Rows);
            lock (gate)
            {
                isInSource = false;
                (next.Read, next.Fault, next.Progress) = (read, fault, Progress.IsDone);
                if (!batches.Contains(next))
                {
                    next.Dispose();
                }
                Monitor.PulseAll(gate);
            }
        }
    }

    private (Tensor? Read, ExceptionDispatchInfo? Fault) ReadOne(long[] wanted)
    {
        try
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            return (rows.Read(tensor(wanted, [wanted.Length])).DetachFromDisposeScope(), null);
        }
        catch (Exception fault)
        {
            return (null, ExceptionDispatchInfo.Capture(fault));
        }
    }

    // What was expected and has not come; two domains may read one source by turns.
    private void DropOld()
    {
        while (batches.Count > 2 * Ahead)
        {
            batches[0].Dispose();
            batches.RemoveAt(0);
        }
    }

    private void DropAll()
    {
        batches.ForEach(batch => batch.Dispose());
        batches.Clear();
    }

    private sealed class Batch(long[] rows) : IDisposable
    {
        public long[] Rows { get; } = rows;

        public Progress Progress { get; set; }

        public Tensor? Read { get; set; }

        public ExceptionDispatchInfo? Fault { get; set; }

        public void Dispose() => Read?.Dispose();
    }
}
