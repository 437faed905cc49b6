using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Directions W that keep the variance of rows F and shrink gaps between weighted means of them.</summary>
/// <remarks>
/// The leading eigenvectors of <c>(F' M F + ridge I)^(-1) F' H F</c> for <c>M = E E'</c> with few columns, and
/// <c>H = I - 11'/n</c>. F is a kernel matrix (dual form) or the rows themselves (primal form). With the thin decomposition
/// <c>F' E = U S V'</c>, the inverse root of <c>F' M F + ridge I</c> is <c>(I - U (1 - (1 + S^2/ridge)^(-1/2)) U') / sqrt(ridge)</c>, so that one
/// symmetric eigenproblem of few wanted pairs remains.
/// </remarks>
internal static class AlignedComponents
{
    /// <summary>The directions <c>[p, k]</c>, scaled to <c>W' F' H F W = I</c>, and their eigenvalues <c>[k]</c>.</summary>
    /// <param name="design">F <c>[n, p]</c> in float64.</param>
    /// <param name="gaps">E <c>[n, r]</c>.</param>
    /// <param name="ridge">The ridge, positive.</param>
    /// <param name="count">k.</param>
    public static (Tensor Weights, Tensor Values) Solve(Tensor design, Tensor gaps, double ridge, long count)
    {
        using var scope = NewDisposeScope();
        var (u, s, _) = linalg.svd(design.t().matmul(gaps), fullMatrices: false);
        var shrink = 1 - (1 + (s.square() / ridge)).rsqrt();
        Tensor InverseRoot(Tensor block) => (block - (u * shrink).matmul(u.t().matmul(block))) / Math.Sqrt(ridge);
        Tensor Spread(Tensor block)
        {
            var image = design.matmul(InverseRoot(block));
            return image - image.mean([0L], keepdim: true);
        }
        Tensor Apply(Tensor block)
        {
            using var inner = NewDisposeScope();
            return InverseRoot(design.t().matmul(Spread(block))).MoveToOuterDisposeScope();
        }
        Tensor Dense()
        {
            var spread = InverseRoot((design - design.mean([0L], keepdim: true)).t());
            return spread.matmul(spread.t());
        }
        var (values, vectors) = LeadingEigenvectors.Of(Apply, Dense, design.shape[1], count, design.device);
        var floor = Math.Max(1e-12 * values[0].item<double>(), double.Epsilon);
        var w = InverseRoot(vectors) / values.clamp_min(floor).sqrt();
        w *= w.gather(0, w.abs().argmax(0, keepdim: true)).sign();
        return (w.MoveToOuterDisposeScope(), values.MoveToOuterDisposeScope());
    }

    /// <summary>The column e of domain means: <c>1/n</c> for source rows, <c>-1/m</c> for target rows.</summary>
    public static Tensor MeanGap(long source, long target, Device device) =>
        cat([
            full([source, 1], 1.0 / source, dtype: float64, device: device),
            full([target, 1], -1.0 / target, dtype: float64, device: device),
        ]);

    /// <summary>F: the kernel matrix of the rows, or the rows themselves where there is no kernel.</summary>
    public static Tensor Design(IKernel? kernel, Tensor rows) => kernel is null ? rows : kernel.Matrix(rows, rows);

    /// <summary>A hundred components, or as many as there can be.</summary>
    public static int DefaultCount(IKernel? kernel, Tensor source, Tensor target) =>
        (int)Math.Min(100, kernel is null ? source.shape[^1] : source.shape[0] + target.shape[0] - 1);

    /// <summary>Components are fewer than what they are taken from.</summary>
    public static void CheckCount(int components, IKernel? kernel, long rows, long width)
    {
        var most = kernel is null ? width : rows - 1;
        if (components < 1 || components > most)
        {
            throw new ArgumentOutOfRangeException(
                "Components",
                components,
                $"Components must lie in 1 ... {most}, "
                    + (kernel is null ? "the rows' width" : "below the number of rows")
                    + $"; got {components}."
            );
        }
    }
}
