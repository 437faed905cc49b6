using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Directions W that keep the variance of rows F and shrink gaps between weighted means of them.</summary>
/// <remarks>
/// The leading eigenvectors of <c>(F' M F + ridge I)^(-1) F' H F</c> for <c>M = E E'</c> with few columns, and
/// <c>H = I - 11'/n</c>. F is a kernel matrix (dual form) or the rows themselves (primal form). With the thin
/// decomposition <c>F' E = U S V'</c>, the inverse root of <c>F' M F + ridge I</c> is
/// <c>(I - U (1 - (1 + S^2/ridge)^(-1/2)) U') / sqrt(ridge)</c>, so that one symmetric eigenproblem of few wanted pairs
/// remains.
/// </remarks>
internal sealed class AlignedComponents
{
    private readonly Func<Tensor, Tensor> scatterTimes;
    private readonly Func<Tensor> scatter;

    private AlignedComponents(Func<Tensor, Tensor> scatterTimes, Func<Tensor> scatter) =>
        (this.scatterTimes, this.scatter) = (scatterTimes, scatter);

    /// <summary>
    /// The problem of rows F <c>[n, p]</c> in float64; tall ones are reduced to their scatter, in the caller's scope.
    /// </summary>
    public static AlignedComponents OfRows(Tensor design)
    {
        Tensor Scatter() => Moments.Of([new TensorRows(design)]).Scatter;
        Tensor Times(Tensor block)
        {
            var image = design.matmul(block);
            return design.t().matmul(image - image.mean([0L], keepdim: true));
        }
        return design.shape[0] > design.shape[1] ? OfScatter(Scatter()) : new(Times, Scatter);
    }

    /// <summary>The problem of rows that are known by their scatter <c>F' H F</c>, <c>[p, p]</c> in float64.</summary>
    public static AlignedComponents OfScatter(Tensor scatter) => new(scatter.matmul, () => scatter);

    /// <summary>The directions <c>[p, k]</c> and their eigenvalues <c>[k]</c>.</summary>
    /// <param name="pull">The gaps <c>F' E</c>, <c>[p, r]</c>.</param>
    /// <param name="ridge">The ridge, positive.</param>
    /// <param name="count">k.</param>
    /// <param name="scale">How the directions are scaled.</param>
    /// <param name="rows">
    /// How many rows n the variance is that of; 1 where it is their sum of squares that is to be 1.
    /// </param>
    /// <param name="cancellation">Stops between two products.</param>
    public (Tensor Weights, Tensor Values) Solve(
        Tensor pull,
        double ridge,
        long count,
        ComponentScale scale,
        long rows = 1,
        CancellationToken cancellation = default
    )
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        var (u, s, _) = linalg.svd(pull, fullMatrices: false);
        var shrink = 1 - (1 + (s.square() / ridge)).rsqrt();
        Tensor InverseRoot(Tensor block) => (block - (u * shrink).matmul(u.t().matmul(block))) / Math.Sqrt(ridge);
        Tensor Apply(Tensor block)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            return InverseRoot(scatterTimes(InverseRoot(block))).MoveToOuterDisposeScope();
        }
        Tensor Dense()
        {
            cancellation.ThrowIfCancellationRequested();
            return InverseRoot(InverseRoot(scatter()).t());
        }
        var (values, vectors) = LeadingEigenvectors.Of(Apply, Dense, pull.shape[0], count, pull.device);
        var floor = Math.Max(1e-12 * values[0].item<double>(), double.Epsilon);
        var w = InverseRoot(vectors);
        w /= scale == ComponentScale.UnitWeights ? w.norm(0, keepdim: true) : (values.clamp_min(floor) / rows).sqrt();
        w *= w.gather(0, w.abs().argmax(0, keepdim: true)).sign();
        return (w.MoveToOuterDisposeScope(), values.MoveToOuterDisposeScope());
    }

    /// <summary>The column e of domain means: <c>1/n</c> for source rows, <c>-1/m</c> for target rows.</summary>
    public static Tensor MeanGap(long source, long target, Device device) =>
        cat([
            full([source, 1], 1.0 / source, dtype: float64, device: device),
            full([target, 1], -1.0 / target, dtype: float64, device: device),
        ]);

    /// <summary>A hundred components, or as many as there can be.</summary>
    public static int UsualCount(IKernel? kernel, int? landmarks, Tensor source, Tensor target) =>
        (int)UsualCount(kernel, landmarks, source.shape[0] + target.shape[0], source.shape[^1])!.Value;

    /// <summary>The same for a number of rows and a width, null where it hangs on a width that is not known.</summary>
    public static long? UsualCount(IKernel? kernel, int? landmarks, long rows, long? width) =>
        Most(null, kernel, landmarks, rows, width).Most is { } most ? Math.Min(100, most) : null;

    /// <summary>Refuses landmarks without a kernel, and more components than what they are taken from has.</summary>
    public static void CheckCount(int components, IKernel? kernel, int? landmarks, long rows, long width)
    {
        foreach (var fault in Unkerneled(kernel, landmarks))
        {
            throw new ArgumentOutOfRangeException("Landmarks", landmarks, fault);
        }
        Limit.Keep(Most(components, kernel, landmarks, rows, width));
    }

    /// <summary>The same faults in words, where a plan knows the counts.</summary>
    public static IEnumerable<string> Faults(ChainPlan plan, int? components, IKernel? kernel, int? landmarks = null) =>
        [
            .. Unkerneled(kernel, landmarks),
            .. Limit.Faults(Most(components, kernel, landmarks, plan.Rows(), plan.Width)),
        ];

    private static IEnumerable<string> Unkerneled(IKernel? kernel, int? landmarks) =>
        kernel is null && landmarks is not null
            ?
            [
                "Landmarks stand for a kernel's rows; without a Kernel the problem is as small as the rows' width "
                    + "already.",
            ]
            : [];

    private static Limit Most(int? components, IKernel? kernel, int? landmarks, long rows, long? width) =>
        new(
            "Components",
            components,
            kernel is null ? width : Math.Min(rows, landmarks ?? rows) - 1,
            kernel is null ? "the rows' width"
                : landmarks is null ? "below the number of rows"
                : "below the number of landmarks and of rows"
        );

    /// <summary>The kernel matrix of all rows, and what is computed from it, must fit.</summary>
    public static void CheckMemory(string method, IKernel? kernel, Tensor like, long rows)
    {
        if (kernel is not null)
        {
            MemoryNeed.Check(
                method,
                like,
                rows,
                rows,
                3,
                "Set Landmarks, to 1000 for instance, and no matrix of all rows is made.",
                float64
            );
        }
    }
}
