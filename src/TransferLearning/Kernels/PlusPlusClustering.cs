using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Kernels;

/// <summary>
/// k-means by Lloyd's rounds from k-means++ starts (Arthur and Vassilvitskii 2007), of which the one with the least sum
/// of squared distances wins, or from given centers. A cluster without rows takes the row that is farthest from its
/// center, as in scikit-learn.
/// </summary>
internal static class PlusPlusClustering
{
    private const int MaxRounds = 100;

    /// <summary>The cluster of every row, int64 <c>[n]</c>, of the caller's scope.</summary>
    /// <param name="rows">The rows <c>[n, d]</c>, float64.</param>
    /// <param name="clusters">The number of clusters, at most n.</param>
    /// <param name="starts">The number of starts.</param>
    /// <param name="key">Draws the starts.</param>
    public static Tensor Of(Tensor rows, long clusters, int starts, RandomKey key)
    {
        using var scope = NewDisposeScope();
        var (best, least) = (zeros(rows.shape[0], int64, rows.device), double.PositiveInfinity);
        for (var start = 0; start < starts; start++)
        {
            var (found, sum) = Run(rows, Start(rows, clusters, key.Child(start)));
            (best, least) = sum < least ? (found, sum) : (best, least);
        }
        return best.MoveToOuterDisposeScope();
    }

    /// <summary>The cluster of every row, int64 <c>[n]</c>, of the caller's scope.</summary>
    /// <param name="rows">The rows <c>[n, d]</c>, float64.</param>
    /// <param name="centers">The centers <c>[k, d]</c> of the only start.</param>
    public static Tensor From(Tensor rows, Tensor centers) => Run(rows, centers.clone()).Clusters;

    private static (Tensor Clusters, double Sum) Run(Tensor rows, Tensor centers)
    {
        using var scope = NewDisposeScope();
        var count = centers.shape[0];
        var (nearest, distances) = Nearest(rows, centers);
        for (var round = 0; round < MaxRounds; round++)
        {
            Canceling.Check();
            using var turn = NewDisposeScope();
            var members = nn.functional.one_hot(Filled(nearest, distances, count), count).to(rows.dtype);
            var sizes = members.sum(dim: 0).unsqueeze(1);
            var moved = where(sizes.gt(0), members.t().mm(rows) / sizes.clamp_min(1), centers);
            var (next, nextDistances) = Nearest(rows, moved);
            var isSettled = next.equal(nearest).all().ToBoolean();
            centers.Dispose();
            nearest.Dispose();
            distances.Dispose();
            (centers, nearest) = (moved.MoveToOuterDisposeScope(), next.MoveToOuterDisposeScope());
            distances = nextDistances.MoveToOuterDisposeScope();
            if (isSettled)
            {
                break;
            }
        }
        return (nearest.MoveToOuterDisposeScope(), distances.sum().ToDouble());
    }

    // The clusters with a row in each that had none, as far as there are rows.
    private static Tensor Filled(Tensor nearest, Tensor distances, long clusters)
    {
        var empty = nearest.bincount(null, clusters).eq(0).nonzero().squeeze(1);
        var count = Math.Min(empty.shape[0], nearest.shape[0]);
        return count == 0
            ? nearest
            : nearest.index_copy(0, distances.topk((int)count, 0).indexes, empty.narrow(0, 0, count));
    }

    // Each further center is a row, drawn by its squared distance to the nearest so far.
    private static Tensor Start(Tensor rows, long clusters, RandomKey key)
    {
        using var scope = NewDisposeScope();
        using var generator = key.Generator();
        var first = randint(0, rows.shape[0], [1], generator: generator).to(int64).to(rows.device);
        var centers = rows.index_select(0, first);
        var distance = SquaredDistances.Between(rows, centers).squeeze(1);
        for (long count = 1; count < clusters; count++)
        {
            Canceling.Check();
            using var turn = NewDisposeScope();
            var mass = distance.cumsum(0);
            var drawn = rand(1, generator: generator).to(float64).to(rows.device) * mass[-1];
            var place = searchsorted(mass, drawn, right: true).clamp_max(rows.shape[0] - 1);
            var next = rows.index_select(0, place);
            var (more, nearer) = (
                cat([centers, next]),
                distance.minimum(SquaredDistances.Between(rows, next).squeeze(1))
            );
            centers.Dispose();
            distance.Dispose();
            (centers, distance) = (more.MoveToOuterDisposeScope(), nearer.MoveToOuterDisposeScope());
        }
        return centers.MoveToOuterDisposeScope();
    }

    private static (Tensor Clusters, Tensor Distances) Nearest(Tensor rows, Tensor centers)
    {
        using var scope = NewDisposeScope();
        var distances = SquaredDistances.Between(rows, centers);
        return (distances.argmin(1).MoveToOuterDisposeScope(), distances.amin([1L]).MoveToOuterDisposeScope());
    }
}
