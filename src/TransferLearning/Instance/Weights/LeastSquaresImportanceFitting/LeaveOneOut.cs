using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>The leave-one-out error of a least-squares density ratio, without fitting it n times.</summary>
/// <remarks>
/// Leaving out a source and a target row takes two rank-one terms from <c>H + lambda I</c>, which Woodbury's formula
/// allows for. In the eigenvectors Q of H every inverse is a division: the products of Woodbury's formula cost l
/// operations a pair and penalty, and only the n solutions themselves, which are clamped in their own coordinates, a
/// product with Q.
/// </remarks>
internal static class LeaveOneOut
{
    // Solutions of a block of pairs, for all penalties, stay in the processor's cache.
    private const long BlockNumbers = 1L << 17;

    /// <summary>The mean error over the first min(n, m) pairs, of each penalty.</summary>
    /// <param name="source">Kernel values of source rows and centers, <c>[n, l]</c>, n &gt; 1.</param>
    /// <param name="target">Kernel values of target rows and centers, <c>[m, l]</c>, m &gt; 1.</param>
    /// <param name="share">The target's share in the denominator.</param>
    /// <param name="penalties">The penalties, positive.</param>
    public static double[] Errors(Tensor source, Tensor target, double share, IReadOnlyList<double> penalties)
    {
        using var scope = NewDisposeScope();
        var (n, m) = (source.shape[0], target.shape[0]);
        var pairs = Math.Min(n, m);
        var (ofTarget, ofSource) = (share / (m - 1), (1 - share) / (n - 1));
        var full = source.t().matmul(source) * ofSource;
        if (share > 0)
        {
            full += target.t().matmul(target) * ofTarget;
        }
        var (values, vectors) = linalg.eigh(full);
        // What divides by the eigenvalues of H + lambda I, [p, l].
        var inverse = (values + tensor([.. penalties], dtype: float64, device: full.device).unsqueeze(1)).reciprocal();
        var sum = target.sum(dim: 0).matmul(vectors);
        var total = zeros_like(inverse.select(1, 0));
        var block = Math.Max(1, BlockNumbers / inverse.numel());
        for (long first = 0; first < pairs; first += block)
        {
            Canceling.Check();
            using var pass = NewDisposeScope();
            var count = Math.Min(block, pairs - first);
            var (t, s) = (target.narrow(0, first, count), source.narrow(0, first, count));
            var (u, v) = (t.matmul(vectors), s.matmul(vectors));
            var start = (sum - u) / (m - 1);
            Tensor Dots(Tensor a, Tensor b) => inverse.matmul((a * b).t());
            // theta = start + u * ofU + v * ofV, before what divides and in the eigenvectors: [p, pairs, l].
            var (vv, y) = (1 - (Dots(v, v) * ofSource), Dots(v, start));
            Tensor theta;
            if (share > 0)
            {
                var (uu, uv, x) = (1 - (Dots(u, u) * ofTarget), Dots(u, v), Dots(u, start));
                var determinant = (uu * vv) - (uv.square() * (ofTarget * ofSource));
                var ofU = ((vv * x) + (uv * y * ofSource)) * ofTarget / determinant;
                var ofV = ((uu * y) + (uv * x * ofTarget)) * ofSource / determinant;
                theta = (v * ofV.unsqueeze(2)).add_(u * ofU.unsqueeze(2));
            }
            else
            {
                theta = v * (y * ofSource / vv).unsqueeze(2);
            }
            theta = theta.add_(start).mul_(inverse.unsqueeze(1)).matmul(vectors.t()).clamp_min_(0);
            var (atTarget, atSource) = ((theta * t).sum(2), theta.mul_(s).sum(2));
            var error = (atTarget.square() * (share / 2)) + (atSource.square() * ((1 - share) / 2)) - atTarget;
            total.add_(error.sum(1));
        }
        return (total / pairs).cpu().data<double>().ToArray();
    }
}
