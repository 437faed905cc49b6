using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Data;

/// <summary>The rows of several sources, one after the other, each read from its own.</summary>
internal sealed class JoinedRows : IRowSource
{
    private readonly IReadOnlyList<IRowSource> members;
    private readonly long[] sizes;

    private JoinedRows(IReadOnlyList<IRowSource> members)
    {
        this.members = members;
        sizes = [.. members.Select(rows => rows.Count)];
        Count = sizes.Sum();
    }

    public long Count { get; }

    /// <summary>Rows in memory where all are, else rows that are read when needed.</summary>
    /// <remarks>Opens no scope: what it concatenates belongs to the caller's scope.</remarks>
    public static IRowSource Of(IReadOnlyList<IRowSource> members) =>
        members.All(rows => rows is TensorRows)
            ? new TensorRows(cat([.. members.Select(TensorRows.InMemory)]))
            : new JoinedRows(members);

    /// <summary>Which member each row belongs to, from 0, int64 <c>[k]</c>.</summary>
    /// <param name="rows">Row numbers <c>[k]</c> over all members.</param>
    /// <param name="sizes">How many rows each member has.</param>
    public static Tensor Members(Tensor rows, IReadOnlyList<long> sizes)
    {
        using var scope = NewDisposeScope();
        using var ends = tensor([.. sizes]).cumsum(0).to(rows.device);
        return bucketize(rows, ends, outInt32: false, right: true).MoveToOuterDisposeScope();
    }

    public Tensor Read(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var member = Members(rows, sizes);
        var read = new List<Tensor>();
        var places = new List<Tensor>();
        long start = 0;
        for (var i = 0; i < members.Count; i++)
        {
            Canceling.Check();
            var place = member.eq(i).nonzero().squeeze(1);
            // All processes take part in reading shards, whether they ask for some or not.
            if (place.shape[0] > 0 || members[i] is ShardedRows)
            {
                places.Add(place);
                read.Add(BatchedPass.Read(members[i], rows.index_select(0, place) - start));
            }
            start += sizes[i];
        }
        // They were read in the members' order.
        var joined = cat([.. read]);
        return joined.index_select(0, cat([.. places]).argsort().to(joined.device)).MoveToOuterDisposeScope();
    }
}
