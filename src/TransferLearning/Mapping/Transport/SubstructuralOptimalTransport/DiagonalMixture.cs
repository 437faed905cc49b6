using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// A mixture of Gaussians with diagonal covariances (Dempster, Laird and Rubin 1977), whose tensors belong to the
/// caller's scope.
/// </summary>
/// <param name="Shares">The components' shares <c>[k]</c>.</param>
/// <param name="Means">Their means <c>[k, d]</c>.</param>
/// <param name="Variances">Their variances <c>[k, d]</c>.</param>
internal sealed record DiagonalMixture(Tensor Shares, Tensor Means, Tensor Variances)
{
    private const int MaxRounds = 100;
    private const double Tolerance = 1e-4;

    /// <summary>
    /// Fits a mixture: centers drawn far from each other (Arthur and Vassilvitskii 2007), a few rounds of k-means, then
    /// expectation maximization.
    /// </summary>
    /// <param name="rows">Rows <c>[n, d]</c>, float64.</param>
    /// <param name="weights">Their weights <c>[n]</c>.</param>
    /// <param name="count">How many components, at most n; fewer come out where rows coincide.</param>
    /// <param name="floor">What is added to every variance.</param>
    /// <param name="random">Draws the centers.</param>
    /// <param name="cancellation">Stops the fit.</param>
    public static DiagonalMixture Fit(
        Tensor rows,
        Tensor weights,
        long count,
        double floor,
        Random random,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        var centers = Spread(rows, weights, count, random);
        Tensor Nearest() => nn.functional.one_hot(SquaredDistances.Between(rows, centers).argmin(1), count).to(float64);
        for (var round = 0; round < 10; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var roundScope = NewDisposeScope();
            var members = Nearest() * weights.unsqueeze(1);
            var mass = members.sum(dim: 0).unsqueeze(1);
            centers.copy_(where(mass > 0, members.t().matmul(rows) / mass.clamp_min(1e-300), centers));
        }
        return Refine(rows, weights, Nearest(), floor, Tolerance, MaxRounds, cancellation).Held().MovedOut();
    }

    /// <summary>Expectation maximization from the components' shares in every row.</summary>
    public static DiagonalMixture Refine(
        Tensor rows,
        Tensor weights,
        Tensor responsibilities,
        double floor,
        double tolerance,
        int maxRounds,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        var mixture = OfShares(rows, weights, responsibilities, floor);
        var reached = double.NegativeInfinity;
        for (var round = 0; round < maxRounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var roundScope = NewDisposeScope();
            var logs = mixture.LogJoint(rows);
            var total = logs.logsumexp(1, keepdim: true);
            var likelihood = ((total.squeeze(1) * weights).sum() / weights.sum()).item<double>();
            if (likelihood - reached < tolerance)
            {
                break;
            }
            reached = likelihood;
            mixture.Become(OfShares(rows, weights, (logs - total).exp(), floor));
        }
        return mixture.MovedOut();
    }

    /// <summary>The most probable component of each row, int64 <c>[n]</c>.</summary>
    public Tensor Members(Tensor rows)
    {
        using var scope = NewDisposeScope();
        return LogJoint(rows).argmax(1).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Schwarz's criterion: <c>-2 log likelihood + (k (2 d + 1) - 1) log n</c>, less is better; weights count relative
    /// to their mean.
    /// </summary>
    public double Criterion(Tensor rows, Tensor weights)
    {
        using var scope = NewDisposeScope();
        var (n, d, k) = (rows.shape[0], rows.shape[1], Means.shape[0]);
        var likelihood = (LogJoint(rows).logsumexp(1) * weights / weights.mean()).sum().item<double>();
        return (-2 * likelihood) + (((k * ((2 * d) + 1)) - 1) * Math.Log(n));
    }

    private static DiagonalMixture OfShares(Tensor rows, Tensor weights, Tensor responsibilities, double floor)
    {
        using var scope = NewDisposeScope();
        var weighted = responsibilities * weights.unsqueeze(1);
        var mass = weighted.sum(dim: 0) + 1e-14;
        var means = weighted.t().matmul(rows) / mass.unsqueeze(1);
        var squares = weighted.t().matmul(rows.square()) / mass.unsqueeze(1);
        var variances = (squares - means.square()).clamp_min(0) + floor;
        return new DiagonalMixture(mass / mass.sum(), means, variances).MovedOut();
    }

    // log (share_k N(x; mean_k, variance_k)), [n, k].
    private Tensor LogJoint(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var precisions = Variances.reciprocal();
        var distances =
            rows.square().matmul(precisions.t())
            - (rows.matmul((Means * precisions).t()) * 2)
            + (Means.square() * precisions).sum(1);
        var constants = Variances.log().sum(1) + (rows.shape[1] * Math.Log(2 * Math.PI));
        return (Shares.log() - ((distances + constants) / 2)).MoveToOuterDisposeScope();
    }

    // Each center is a copy of a row, drawn by its weight and its squared distance to the centers so far.
    private static Tensor Spread(Tensor rows, Tensor weights, long count, Random random)
    {
        using var scope = NewDisposeScope();
        var chances = weights;
        var nearest = full_like(weights, double.PositiveInfinity);
        var chosen = new List<long>();
        for (var k = 0; k < count; k++)
        {
            var sums = chances.cumsum(0);
            var drawn = sums.gt(random.NextDouble() * sums[-1].item<double>()).to(int64).argmax(0).item<long>();
            chosen.Add(drawn);
            nearest = nearest.minimum(SquaredDistances.Between(rows, rows.narrow(0, drawn, 1)).squeeze(1));
            chances = nearest * weights;
        }
        return rows.index_select(0, tensor(chosen, device: rows.device)).MoveToOuterDisposeScope();
    }

    // A component that no row is left for has a mean of no meaning.
    private DiagonalMixture Held()
    {
        var held = Shares.gt(1e-10).nonzero().squeeze(1);
        return new DiagonalMixture(
            Shares.index_select(0, held),
            Means.index_select(0, held),
            Variances.index_select(0, held)
        );
    }

    private void Become(DiagonalMixture other)
    {
        Shares.copy_(other.Shares);
        Means.copy_(other.Means);
        Variances.copy_(other.Variances);
    }

    private DiagonalMixture MovedOut()
    {
        Shares.MoveToOuterDisposeScope();
        Means.MoveToOuterDisposeScope();
        Variances.MoveToOuterDisposeScope();
        return this;
    }
}
