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
internal sealed class LeaveOneOut
{
    // Solutions of a block of pairs, for all penalties, stay in the processor's cache.
    private const long BlockNumbers = 1L << 17;

    private readonly double share;
    private readonly long targets;
    private readonly double ofTarget;
    private readonly double ofSource;
    private readonly Tensor vectors;
    private readonly Tensor inverse;
    private readonly Tensor sum;
    private readonly Tensor total;
    private long pairs;

    /// <summary>What the errors of all pairs share; its tensors belong to the caller's scope.</summary>
    /// <param name="source">The source's sums over rows, of n &gt; 1.</param>
    /// <param name="target">The target's, of m &gt; 1.</param>
    /// <param name="share">The target's share in the denominator.</param>
    /// <param name="penalties">The penalties, positive.</param>
    public LeaveOneOut(KernelSums source, KernelSums target, double share, IReadOnlyList<double> penalties)
    {
        using var scope = NewDisposeScope();
        (this.share, targets) = (share, target.Count);
        (ofTarget, ofSource) = (share / (target.Count - 1), (1 - share) / (source.Count - 1));
        var full = source.Gram * ofSource;
        if (share > 0)
        {
            full += target.Gram * ofTarget;
        }
        var (values, eigenvectors) = linalg.eigh(full);
        vectors = eigenvectors.MoveToOuterDisposeScope();
        // What divides by the eigenvalues of H + lambda I, [p, l].
        inverse = (values + tensor([.. penalties], dtype: float64, device: full.device).unsqueeze(1))
            .reciprocal()
            .MoveToOuterDisposeScope();
        sum = target.Sum.matmul(vectors).MoveToOuterDisposeScope();
        total = zeros_like(inverse.select(1, 0)).MoveToOuterDisposeScope();
    }

    /// <summary>The mean error over the pairs that were added, of each penalty.</summary>
    public double[] Means => (total / pairs).cpu().data<double>().ToArray();

    /// <summary>The mean error over the first min(n, m) pairs, of each penalty.</summary>
    /// <param name="source">Kernel values of source rows and centers, <c>[n, l]</c>, n &gt; 1.</param>
    /// <param name="target">Kernel values of target rows and centers, <c>[m, l]</c>, m &gt; 1.</param>
    /// <param name="share">The target's share in the denominator.</param>
    /// <param name="penalties">The penalties, positive.</param>
    public static double[] Errors(Tensor source, Tensor target, double share, IReadOnlyList<double> penalties)
    {
        using var scope = NewDisposeScope();
        var left = new LeaveOneOut(KernelSums.Of(source), KernelSums.Of(target, share > 0), share, penalties);
        var both = Math.Min(source.shape[0], target.shape[0]);
        left.Add(source.narrow(0, 0, both), target.narrow(0, 0, both));
        return left.Means;
    }

    /// <summary>Adds the errors of some pairs.</summary>
    /// <param name="source">Kernel values of source rows and centers, <c>[k, l]</c>.</param>
    /// <param name="target">Kernel values of the target rows that are left out with them, <c>[k, l]</c>.</param>
    public void Add(Tensor source, Tensor target)
    {
        var block = Math.Max(1, BlockNumbers / inverse.numel());
        for (long first = 0; first < source.shape[0]; first += block)
        {
            Canceling.Check();
            using var pass = NewDisposeScope();
            var count = Math.Min(block, source.shape[0] - first);
            var (t, s) = (target.narrow(0, first, count), source.narrow(0, first, count));
            var (u, v) = (t.matmul(vectors), s.matmul(vectors));
            var start = (sum - u) / (targets - 1);
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
        pairs += source.shape[0];
    }
}
