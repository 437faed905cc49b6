using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Data;

/// <summary>The rows of several processes as one source, each of which holds its own shard of them.</summary>
/// <remarks>
/// <para>
/// The shards stand one after the other in the order of the ranks, so that row numbers, counts, and what is drawn from
/// a seed are those of one process that holds all rows. Every process makes it at the same place of the program and
/// calls the same methods with it in the same order: a read is an exchange of messages between all, whether they ask
/// for the same rows or for others, and one that asks alone waits for ever. What computes from moments adds those of
/// the shards, and sends no row.
/// </para>
/// <para>
/// What needs all rows in memory refuses these as it refuses any other source that is no tensor. A fault while a
/// process reads its own rows goes to <see cref="ITrainingGroup.Fail"/>, because the others wait.
/// </para>
/// </remarks>
public sealed class ShardedRows : IRowSource
{
    private const int Dimensions = 8;
    private const long MostBytes = 32L << 20;

    private readonly ITrainingGroup group;
    private readonly long[] starts;
    private (long[] Shape, ScalarType Type, Device Device)? row;

    /// <summary>Joins this process's rows with those of the others: an exchange of messages between all.</summary>
    /// <param name="own">This process's rows, at least one; all processes' have one shape and dtype.</param>
    /// <param name="group">The processes.</param>
    /// <exception cref="ArgumentException">
    /// A process has no row, or rows of another shape or dtype; all processes throw it.
    /// </exception>
    public ShardedRows(IRowSource own, ITrainingGroup group)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(group);
        (Own, this.group) = (own, group);
        starts = Joined(own);
    }

    private ShardedRows(IRowSource own, ShardedRows like) => (Own, group, starts) = (own, like.group, like.starts);

    /// <summary>This process's rows.</summary>
    public IRowSource Own { get; }

    /// <summary>How many rows all processes have together.</summary>
    public long Count => starts[^1];

    /// <summary>The number of this process's first row among all.</summary>
    public long Start => starts[group.Rank];

    /// <summary>This process's place among those that hold shards, from 0.</summary>
    public int Rank => group.Rank;

    /// <summary>How many processes hold a shard.</summary>
    public int Shards => group.Size;

    private (long[] Shape, ScalarType Type, Device Device) Row => row ??= ByItself(Sample);

    /// <summary>Reads some rows, whichever process holds them: every process calls it at the same time.</summary>
    /// <param name="rows">Row numbers among all, int64 <c>[k]</c>; each process may ask for its own.</param>
    /// <returns>The rows <c>[k, ...]</c>, in that order; the caller disposes them.</returns>
    public Tensor Read(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (asked, first) = Asked(rows.numel() == 0 ? [] : [.. rows.cpu().data<long>()]);
        var places = new (int Owner, long Place)[asked.Length];
        var counts = new long[Shards];
        var mine = new List<long>();
        for (var i = 0; i < asked.Length; i++)
        {
            var owner = OwnerOf(asked[i]);
            places[i] = (owner, counts[owner]++);
            if (owner == group.Rank)
            {
                mine.Add(asked[i] - Start);
            }
        }
        var most = counts.Max();
        // Not every source can read no rows.
        var supplied =
            mine.Count == 0
                ? empty([0, .. Row.Shape], Row.Type, Row.Device)
                : ByItself(() => BatchedPass.Read(Own, tensor(mine.ToArray(), [mine.Count])));
        var all = GatherPadded(supplied, most);
        var wanted = new long[rows.shape[0]];
        for (var i = 0; i < wanted.Length; i++)
        {
            var (owner, place) = places[first + i];
            wanted[i] = (owner * most) + place;
        }
        return all.index_select(0, tensor(wanted, [wanted.Length]).to(all.device)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Puts the sum over all processes into the place of each tensor's values, the same bits in each.
    /// </summary>
    /// <param name="tensors">Float64 tensors.</param>
    internal void Sum(params Tensor[] tensors)
    {
        group.Average(tensors);
        foreach (var tensor in tensors)
        {
            Canceling.Check();
            using var quiet = no_grad();
            tensor.mul_(Shards);
        }
    }

    /// <summary>What belongs to this process's rows of something that has an entry for each row of all.</summary>
    internal Tensor OwnPart(Tensor all) => all.narrow(0, Start, Own.Count);

    /// <summary>What each process has for its own rows, labels for instance, for all rows in every process.</summary>
    /// <param name="own">An entry for each row of this process, <c>[own count, ...]</c>.</param>
    /// <returns>An entry for each row of all, <c>[count, ...]</c>, without a graph; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">There is not one entry for each row.</exception>
    public Tensor Gather(Tensor own)
    {
        Guard.Alive(own);
        if (own.dim() < 1 || own.shape[0] != Own.Count)
        {
            throw new ArgumentException(
                $"there must be one entry for each of the {Own.Count} rows of this process; got {Shape.Of(own)}.",
                nameof(own)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var most = Enumerable.Range(0, Shards).Max(rank => starts[rank + 1] - starts[rank]);
        var all = GatherPadded(own, most);
        return cat([
                .. Enumerable
                    .Range(0, Shards)
                    .Select(rank => all.narrow(0, rank * most, starts[rank + 1] - starts[rank])),
            ])
            .MoveToOuterDisposeScope();
    }

    /// <summary>Other rows of the same number in each process: those that a map has made, for instance.</summary>
    internal ShardedRows With(IRowSource own) => new(own, this);

    /// <summary>Work of this process alone: where it fails, all end, because the others wait for messages.</summary>
    internal T ByItself<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception fault) when (Shards > 1)
        {
            group.Fail(fault);
            throw;
        }
    }

    /// <summary>What is wrong with the shards of a run's domains.</summary>
    internal static IEnumerable<string> Faults(DomainSet domains, FitOptions options)
    {
        var rows = domains.Labeled.Select(pair => (pair.Id, pair.Domain.Rows));
        if (domains.HasTarget)
        {
            rows = rows.Append((DomainId.Target, domains.Target.Rows));
        }
        foreach (var (id, of) in rows)
        {
            if (
                of is ShardedRows { Shards: > 1 } shards
                && (options.Group is not { } group || group.Size != shards.Shards || group.Rank != shards.group.Rank)
            )
            {
                yield return $"{id}: its rows are shards of {shards.Shards} processes, and the run is not shared by "
                    + "these: give it the same processes, options.Distributed(world).";
            }
        }
    }

    // Of the whole chain of numbers that any process asks for: where this one's begin. One list where all ask alike.
    private (long[] Asked, long First) Asked(long[] own)
    {
        var lengths = Gathered([own.Length], 1);
        var most = lengths.Max();
        var all = Gathered(own, most);
        var lists = Enumerable
            .Range(0, Shards)
            .Select(rank => all.AsMemory((int)(rank * most), (int)lengths[rank]))
            .ToList();
        if (lists.TrueForAll(list => list.Span.SequenceEqual(own)))
        {
            return (own, 0);
        }
        return ([.. lists.SelectMany(list => list.ToArray())], lengths.Take(group.Rank).Sum());
    }

    private int OwnerOf(long number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, Count);
        var found = Array.BinarySearch(starts, number);
        return found >= 0 ? found : ~found - 1;
    }

    // Each process's rows, filled up to the same number: [most, ...] a process, one after the other, in messages of a
    // bounded size.
    private Tensor GatherPadded(Tensor own, long most)
    {
        using var scope = NewDisposeScope();
        var (shape, type, device) = own.shape[0] > 0 ? (own.shape[1..], own.dtype, own.device) : Row;
        var all = empty([Shards, most, .. shape], type, device);
        var bytes = Math.Max(1, shape.Aggregate(1L, (product, size) => product * size) * all.element_size());
        var length = Math.Clamp(MostBytes / (bytes * Shards), 1, Math.Max(1, most));
        for (long start = 0; start < most; start += length)
        {
            Canceling.Check();
            using var pass = NewDisposeScope();
            var count = Math.Min(length, most - start);
            var filled = Math.Clamp(own.shape[0] - start, 0, count);
            var part = zeros([count, .. shape], type, device);
            if (filled > 0)
            {
                part.narrow(0, 0, filled).copy_(own.narrow(0, start, filled));
            }
            all.narrow(1, start, count).copy_(group.Gather(part).reshape([Shards, count, .. shape]));
        }
        return all.flatten(0, 1).MoveToOuterDisposeScope();
    }

    private long[] Gathered(long[] own, long most)
    {
        if (most == 0)
        {
            return [];
        }
        using var scope = NewDisposeScope();
        var padded = new long[most];
        own.CopyTo(padded, 0);
        return [.. group.Gather(tensor(padded, [most])).data<long>()];
    }

    // Everything that a fault follows from is known to all, so that all throw.
    private long[] Joined(IRowSource own)
    {
        var count = ByItself(() => own.Count);
        var facts = new long[Dimensions + 3];
        facts[0] = count;
        if (count > 0)
        {
            var (shape, type, _) = Row;
            (facts[1], facts[2]) = ((long)type, shape.Length);
            shape.AsSpan(0, Math.Min(Dimensions, shape.Length)).CopyTo(facts.AsSpan(3));
        }
        var all = Gathered(facts, facts.Length).Chunk(facts.Length).ToList();
        var sums = new long[all.Count + 1];
        for (var rank = 0; rank < all.Count; rank++)
        {
            if (all[rank][0] < 1)
            {
                throw new ArgumentException(
                    $"every process must hold at least one row; rank {rank} of {Shards} holds none. Cut the rows so "
                        + "that each gets some, or start fewer processes.",
                    nameof(own)
                );
            }
            if (!all[rank].AsSpan(1).SequenceEqual(all[0].AsSpan(1)))
            {
                throw new ArgumentException(
                    $"the rows of all processes must have one shape and dtype; those of rank 0 are {Text(all[0])}, "
                        + $"those of rank {rank} {Text(all[rank])}.",
                    nameof(own)
                );
            }
            sums[rank + 1] = sums[rank] + all[rank][0];
        }
        return sums;
    }

    private static string Text(long[] facts) =>
        $"{Shape.Text(facts[3..(int)(3 + Math.Min(Dimensions, facts[2]))])} of {(ScalarType)facts[1]}";

    private (long[] Shape, ScalarType Type, Device Device) Sample()
    {
        using var scope = NewDisposeScope();
        var first = BatchedPass.Read(Own, 0, 1);
        return (first.shape[1..], first.dtype, first.device);
    }
}
