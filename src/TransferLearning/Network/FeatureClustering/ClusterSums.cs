using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// What a round of k-means sums over all rows, in float64; of rows in shards over those of all processes.
/// </summary>
internal sealed class ClusterSums
{
    private readonly Tensor sums; // [k, d + 1], the last column counts
    private readonly Tensor distance;
    private readonly Tensor far; // [k, d + 2]: the farthest rows, their clusters and distances

    private ClusterSums(Tensor sums, Tensor distance, Tensor far) =>
        (this.sums, this.distance, this.far) = (sums, distance, far);

    /// <summary>The sum of squared distances to the nearest center.</summary>
    public double Distances => distance.item<double>();

    /// <summary>The sums for some centers; they belong to the caller's scope.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="read">What is done to a block first.</param>
    /// <param name="centers">The centers <c>[k, d]</c>.</param>
    /// <param name="width">d.</param>
    public static ClusterSums Of(IRowSource rows, Func<Tensor, Tensor> read, Tensor centers, long width)
    {
        using var scope = NewDisposeScope();
        var own = rows is ShardedRows shards
            ? shards.ByItself(() => OfOwn(shards.Own, read, centers, width)).Over(shards)
            : OfOwn(rows, read, centers, width);
        return new ClusterSums(
            own.sums.MoveToOuterDisposeScope(),
            own.distance.MoveToOuterDisposeScope(),
            own.far.MoveToOuterDisposeScope()
        );
    }

    /// <summary>The new centers; a cluster without rows takes one of the farthest. Of the caller's scope.</summary>
    public Tensor Means(Tensor centers)
    {
        using var scope = NewDisposeScope();
        var width = centers.shape[1];
        var all = sums.clone();
        var empty = all.select(1, width).eq(0).nonzero().squeeze(1).cpu().data<long>().ToArray();
        for (var i = 0; i < empty.Length; i++)
        {
            Canceling.Check();
            if (far[i, width + 1].item<double>() <= 0)
            {
                break; // every row lies on its center
            }
            var row = cat([far[i].narrow(0, 0, width), ones(1, float64, far.device)]);
            // What processes have summed up is a whole number to rounding.
            all[far[i, width].round().to(int64).item<long>()].sub_(row);
            all[empty[i]].add_(row);
        }
        var counts = all.narrow(1, width, 1);
        return where(counts.gt(0), all.narrow(1, 0, width) / counts.clamp_min(1), centers).MoveToOuterDisposeScope();
    }

    private static ClusterSums OfOwn(IRowSource rows, Func<Tensor, Tensor> read, Tensor centers, long width)
    {
        using var scope = NewDisposeScope();
        var k = centers.shape[0];
        var sum = zeros([k, width + 1], float64, centers.device);
        var total = zeros(1, float64, centers.device);
        var farthest = zeros([k, width + 2], float64, centers.device);
        foreach (var (start, count) in RowBlocks.Of(rows.Count, (3 * width) + (2 * k)))
        {
            Canceling.Check();
            using var block = NewDisposeScope();
            var some = read(BatchedPass.Read(rows, start, count));
            var distances = SquaredDistances.Between(some, centers);
            var nearest = distances.argmin(1);
            var least = distances.gather(1, nearest.unsqueeze(1));
            var members = nn.functional.one_hot(nearest, k).to(float64);
            sum.add_(members.t().mm(cat([some, ones_like(least)], 1)));
            total.add_(least.sum());
            farthest.copy_(Farthest(cat([farthest, cat([some, nearest.unsqueeze(1).to(float64), least], 1)]), k));
        }
        return new ClusterSums(
            sum.MoveToOuterDisposeScope(),
            total.MoveToOuterDisposeScope(),
            farthest.MoveToOuterDisposeScope()
        );
    }

    private static Tensor Farthest(Tensor rows, long count) =>
        rows.index_select(0, rows.select(1, rows.shape[1] - 1).topk((int)count, 0).indexes);

    // In place: what this process gathered becomes what all have.
    private ClusterSums Over(ShardedRows shards)
    {
        var all = zeros([shards.Shards, .. far.shape], float64, far.device);
        all[shards.Rank].copy_(far);
        shards.Sum(sums, distance, all);
        return new ClusterSums(sums, distance, Farthest(all.flatten(0, 1), far.shape[0]));
    }
}
