using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// A mixture of normal distributions with full covariances, fitted by expectation maximization from k-means groups.
/// </summary>
internal static class GaussianMixture
{
    private const int MaxRounds = 100;
    private const double Tolerance = 1e-3;

    /// <summary>The probability of every group for every row, <c>[n, k]</c>, of the caller's scope.</summary>
    /// <param name="rows">The rows <c>[n, d]</c>, float64.</param>
    /// <param name="groups">The number of groups k, at most n.</param>
    /// <param name="ridge">What is added to variances, relative to the mean variance.</param>
    /// <param name="key">Draws the start.</param>
    public static Tensor Probabilities(Tensor rows, long groups, double ridge, RandomKey key)
    {
        using var scope = NewDisposeScope();
        var spread = rows.var(0, unbiased: false).mean().ToDouble();
        var floor = eye(rows.shape[1], dtype: float64, device: rows.device) * (ridge * (spread > 0 ? spread : 1));
        var clusters = PlusPlusClustering.Of(rows, groups, starts: 1, key);
        var shares = nn.functional.one_hot(clusters, groups).to(float64);
        var before = double.NegativeInfinity;
        for (var round = 0; round < MaxRounds; round++)
        {
            Canceling.Check();
            using var turn = NewDisposeScope();
            var joint = LogJoint(rows, shares, floor);
            var likelihood = joint.logsumexp(1, keepdim: true);
            var old = shares;
            shares = (joint - likelihood).exp().MoveToOuterDisposeScope();
            old.Dispose();
            var now = likelihood.mean().ToDouble();
            if (now - before < Tolerance)
            {
                break;
            }
            before = now;
        }
        return shares.MoveToOuterDisposeScope();
    }

    private static Tensor LogJoint(Tensor rows, Tensor shares, Tensor floor)
    {
        var (n, d) = (rows.shape[0], rows.shape[1]);
        var columns = new List<Tensor>();
        for (long group = 0; group < shares.shape[1]; group++)
        {
            Canceling.Check();
            using var one = NewDisposeScope();
            var share = shares.select(1, group).unsqueeze(1);
            // A group without rows keeps a trace, so that nothing is divided by 0.
            var size = share.sum() + 1e-14;
            var mean = (share * rows).sum(dim: 0) / size;
            var centered = rows - mean;
            var factor = linalg.cholesky(((share * centered).t().mm(centered) / size) + floor);
            var white = linalg.solve_triangular(factor, centered.t(), upper: false);
            var density =
                (size / n).log()
                - (0.5 * ((d * Math.Log(2 * Math.PI)) + white.square().sum(dim: 0)))
                - factor.diagonal().log().sum();
            columns.Add(density.MoveToOuterDisposeScope());
        }
        return stack(columns, 1);
    }
}
