using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Data;

/// <summary>Count, mean and scatter of rows in float64, gathered over one pass however many rows there are.</summary>
/// <remarks>
/// The scatter is <c>sum_i (x_i - mean)(x_i - mean)'</c>, or its diagonal. A block is centered by its own mean and
/// joined by <c>S = S_a + S_b + n_a n_b / (n_a + n_b) dd'</c>, <c>d = mean_b - mean_a</c> (Chan, Golub and LeVeque
/// 1983, "Algorithms for Computing the Sample Variance"), which loses no digits to a mean far from 0. Memory: the
/// scatter and a block of rows. Of rows in shards each process gathers its own, and two sums over the processes join
/// them: d and d^2 numbers.
/// </remarks>
internal sealed record Moments
{
    /// <summary>Known moments, of tensors that they may change and that belong to the caller's scope.</summary>
    public Moments(long count, ScalarType type, Tensor mean, Tensor scatter) =>
        (Count, Type, Mean, Scatter) = (count, type, mean, scatter);

    /// <summary>How many rows.</summary>
    public long Count { get; private set; }

    /// <summary>The dtype that the rows came in.</summary>
    public ScalarType Type { get; }

    /// <summary>The mean <c>[d]</c>.</summary>
    public Tensor Mean { get; }

    /// <summary>The scatter <c>[d, d]</c>, or its diagonal <c>[d]</c>.</summary>
    public Tensor Scatter { get; }

    /// <summary>
    /// The covariance, divided by <c>n - 1</c>; a single row has covariance 0. It belongs to the caller's scope.
    /// </summary>
    public Tensor Covariance => Scatter / Math.Max(1, Count - 1);

    /// <summary>
    /// The sum of outer products <c>sum_i x_i x_i'</c>, where the scatter is whole. It belongs to the caller's scope.
    /// </summary>
    public Tensor Gram => Scatter + (Mean.unsqueeze(1) * Mean * Count);

    /// <summary>The moments of some rows; they belong to the caller's scope.</summary>
    /// <param name="sources">The rows, of one width and dtype.</param>
    /// <param name="map">What is done to each block first; null for nothing.</param>
    /// <param name="width">How many numbers the map makes of a row.</param>
    /// <param name="isDiagonal">Whether only the scatter's diagonal is wanted.</param>
    /// <param name="context">Cancellation; null for none.</param>
    public static Moments Of(
        IEnumerable<IRowSource> sources,
        Func<Tensor, Tensor>? map = null,
        long width = 0,
        bool isDiagonal = false,
        FitContext? context = null
    )
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Moments? all = null;
        foreach (var rows in sources)
        {
            if (rows is ShardedRows shards)
            {
                using var joining = NewDisposeScope();
                var own = shards.ByItself(() => Of([shards.Own], map, width, isDiagonal, context));
                var joined = own.Over(shards);
                all = all is null ? joined.MovedOut() : all.Taking(joined);
                continue;
            }
            foreach (var (start, count) in RowBlocks.Of(rows.Count, RowShape.Of(rows).Width + (2 * width)))
            {
                context?.Cancellation.ThrowIfCancellationRequested();
                using var pass = NewDisposeScope();
                var block = BatchedPass.Read(rows, start, count);
                var part = OfBlock(map is null ? block.to(float64) : map(block), block.dtype, isDiagonal);
                all = all is null ? part.MovedOut() : all.Taking(part);
            }
        }
        return all!.MovedOut();
    }

    /// <summary>The moments of both samples together; they belong to the caller's scope.</summary>
    public Moments With(Moments other)
    {
        using var scope = NewDisposeScope();
        var all = new Moments(Count, Type, Mean.clone(), Scatter.clone());
        all.Absorb(other);
        return all.MovedOut();
    }

    /// <summary>Takes in another sample's moments, in place.</summary>
    public void Absorb(Moments other)
    {
        if (!other.Mean.shape.SequenceEqual(Mean.shape))
        {
            throw new ArgumentException(
                $"all rows must have one width; got {Mean.shape[0]} and {other.Mean.shape[0]} features."
            );
        }
        using var scope = NewDisposeScope();
        var apart = other.Mean - Mean;
        var (mine, theirs) = ((double)Count, (double)other.Count);
        var spread = Scatter.dim() == 1 ? apart.square() : apart.unsqueeze(1) * apart;
        Scatter.add_(other.Scatter).add_(spread * (mine / (mine + theirs) * theirs));
        Mean.add_(apart * (theirs / (mine + theirs)));
        Count += other.Count;
    }

    private Moments Taking(Moments other)
    {
        Absorb(other);
        return this;
    }

    // S = sum_p S_p + n_p (mean_p - mean)(mean_p - mean)' over the processes p.
    private Moments Over(ShardedRows shards)
    {
        using var scope = NewDisposeScope();
        var mean = Mean * ((double)Count / shards.Count);
        shards.Sum(mean);
        var apart = Mean - mean;
        var spread = Scatter.dim() == 1 ? apart.square() : apart.unsqueeze(1) * apart;
        var scatter = Scatter + (spread * (double)Count);
        shards.Sum(scatter);
        return new Moments(shards.Count, Type, mean, scatter).MovedOut();
    }

    private static Moments OfBlock(Tensor rows, ScalarType type, bool isDiagonal)
    {
        var mean = rows.mean([0L]);
        var centered = rows - mean;
        return new Moments(
            rows.shape[0],
            type,
            mean,
            isDiagonal ? centered.square().sum(dim: 0) : centered.t().matmul(centered)
        );
    }

    private Moments MovedOut()
    {
        Mean.MoveToOuterDisposeScope();
        Scatter.MoveToOuterDisposeScope();
        return this;
    }
}
