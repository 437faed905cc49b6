using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>The leave-one-out error of a least-squares density ratio, without fitting it n times.</summary>
/// <remarks>
/// Leaving out a source and a target row takes two rank-one terms from <c>H + lambda I</c>; Woodbury's formula turns one factor into the n solutions.
/// </remarks>
internal static class LeaveOneOut
{
    /// <summary>The mean error over the first min(n, m) pairs.</summary>
    /// <param name="source">Kernel values of source rows and centres, <c>[n, l]</c>, n &gt; 1.</param>
    /// <param name="target">Kernel values of target rows and centres, <c>[m, l]</c>, m &gt; 1.</param>
    /// <param name="share">The target's share in the denominator.</param>
    /// <param name="penalty">The penalty, positive.</param>
    public static double Error(Tensor source, Tensor target, double share, double penalty)
    {
        using var scope = NewDisposeScope();
        var (n, m) = (source.shape[0], target.shape[0]);
        var pairs = Math.Min(n, m);
        var (ofTarget, ofSource) = (share / (m - 1), (1 - share) / (n - 1));
        var full = (target.t().matmul(target) * ofTarget) + (source.t().matmul(source) * ofSource);
        full.diagonal().add_(penalty);
        // The rows left out, as columns [l, pairs], scaled to the terms that they leave in the matrix.
        var (t, s) = (target.narrow(0, 0, pairs).t(), source.narrow(0, 0, pairs).t());
        var (u, v) = (t * Math.Sqrt(ofTarget), s * Math.Sqrt(ofSource));
        // u is a multiple of t, and so is what it solves to.
        var solved = cat([target.sum(dim: 0).unsqueeze(1), t, v], 1).cholesky_solve(linalg.cholesky(full));
        var ft = solved.narrow(1, 1, pairs);
        var start = (solved.narrow(1, 0, 1) - ft) / (m - 1);
        var (fu, fv) = (ft * Math.Sqrt(ofTarget), solved.narrow(1, 1 + pairs, pairs));
        var (uu, vv, uv) = (1 - Dots(u, fu), 1 - Dots(v, fv), Dots(u, fv).neg());
        var (x, y) = (Dots(u, start), Dots(v, start));
        var determinant = (uu * vv) - uv.square();
        var theta = start + (fu * (((vv * x) - (uv * y)) / determinant)) + (fv * (((uu * y) - (uv * x)) / determinant));
        theta = theta.clamp_min(0);
        var (atTarget, atSource) = (Dots(theta, t), Dots(theta, s));
        var error = (atTarget.square() * (share / 2)) + (atSource.square() * ((1 - share) / 2)) - atTarget;
        return error.mean().item<double>();
    }

    private static Tensor Dots(Tensor a, Tensor b) => (a * b).sum(dim: 0);
}
