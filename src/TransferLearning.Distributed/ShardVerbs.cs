using System.Security.Cryptography;
using System.Text;
using TransferLearning.Data;
using static TorchSharp.torch;

namespace TransferLearning.Distributed;

/// <summary>The verbs that make one domain of the rows that the processes of a communicator hold.</summary>
public static class ShardVerbs
{
    /// <summary>The domain of all processes' rows, of which each holds its own.</summary>
    /// <remarks>
    /// Every process calls it at the same place, and then the same methods in the same order. Rows are numbered in the
    /// order of the ranks, and a method gives the result that one process with all rows gets, up to rounding. The fit
    /// methods of maps and weightings take these domains as they are; a chain is given the same processes by
    /// <see cref="DistributedVerbs.Distributed"/>. <see cref="ShardedRows"/> says what goes between the processes.
    /// </remarks>
    /// <param name="own">This process's examples, at least one.</param>
    /// <param name="communicator">The processes: <see cref="MpiCommunicator.World"/>.</param>
    /// <returns>The domain; its rows are read when needed.</returns>
    /// <exception cref="ArgumentException">
    /// A process has no row, or rows of another shape or dtype than the others, or joins several domains.
    /// </exception>
    public static UnlabeledDomain Sharded(this UnlabeledDomain own, ICommunicator communicator)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(communicator);
        if (own.Sizes.Count > 1)
        {
            throw new ArgumentException(
                $"own must be rows of one domain; it joins {own.Sizes.Count}: share each domain's rows first, and join "
                    + "the shared domains then.",
                nameof(own)
            );
        }
        return new(new ShardedRows(own.Rows, new CommunicatorGroup(communicator)));
    }

    /// <inheritdoc cref="Sharded(UnlabeledDomain, ICommunicator)"/>
    /// <remarks>
    /// Labels and weights of all rows go to every process, 8 bytes a row each: they belong to the dispose scope that is
    /// open, if any. Where the processes' shards show different numbers of classes, the largest counts.
    /// </remarks>
    public static LabeledDomain Sharded(this LabeledDomain own, ICommunicator communicator)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(communicator);
        using var scope = NewDisposeScope();
        var rows = new ShardedRows(own.Rows, new CommunicatorGroup(communicator));
        var space = Space(own, communicator);
        var labels = rows.Gather(own.Labels).MoveToOuterDisposeScope();
        var weights = own.Weights is { } given ? rows.Gather(given).MoveToOuterDisposeScope() : null;
        return new LabeledDomain(rows, labels, weights, space);
    }

    private static LabelSpace Space(LabeledDomain own, ICommunicator communicator)
    {
        long[] mine =
        [
            own.Space.IsClasses ? 1
            : own.Space.IsMultiLabel ? 2
            : 0,
            own.Space.Width,
            own.Space.Names.Count,
            BitConverter.ToInt64(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', own.Space.Names)))),
            own.Weights is { } weights ? 1 + (long)weights.dtype : 0,
            (long)own.Labels.dtype,
            own.Labels.dim(),
        ];
        var all = new long[mine.Length * communicator.Size];
        communicator.AllGather<long>(mine, all);
        var facts = all.Chunk(mine.Length).ToList();
        var widest = facts.Max(one => one[1]);
        foreach (var (rank, one) in facts.Index())
        {
            var isAlike =
                one[0] == facts[0][0]
                && one.AsSpan(2).SequenceEqual(facts[0].AsSpan(2))
                && (one[1] == widest || (one[0] == 1 && one[2] == 0));
            if (!isAlike)
            {
                throw new ArgumentException(
                    $"the labels and weights of all processes must be of one kind; those of rank {rank} differ from "
                        + "those of rank 0 in dtype, width or names, or one of them has weights and the other none.",
                    nameof(own)
                );
            }
        }
        return own.Space.Width == widest ? own.Space : LabelSpace.Classes(widest);
    }
}
