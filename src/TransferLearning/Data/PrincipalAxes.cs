using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Data;

/// <summary>Principal component analysis of rows, wherever they lie.</summary>
internal static class PrincipalAxes
{
    /// <summary>
    /// The mean <c>[d]</c> and the leading axes <c>[d, k]</c> in float64; each axis' largest entry is positive. They
    /// belong to the caller's scope.
    /// </summary>
    /// <remarks>
    /// Eigenvectors of the scatter, over one pass, where rows are many (n d^2 + d^3, memory d^2), else of the Gram
    /// matrix (n^2 d + n^3, memory n d).
    /// </remarks>
    public static (Tensor Mean, Tensor Axes) Of(IReadOnlyList<IRowSource> sources, long count, FitContext? context)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (n, d) = (sources.Sum(rows => rows.Count), RowShape.Of(sources[0]).Width);
        var (mean, axes) = n < d && count < n ? OfFew(sources, n, count) : OfMany(sources, d, count, context);
        axes *= axes.gather(0, axes.abs().argmax(0, keepdim: true)).sign();
        return (mean.MoveToOuterDisposeScope(), axes.MoveToOuterDisposeScope());
    }

    private static (Tensor Mean, Tensor Axes) OfFew(IReadOnlyList<IRowSource> sources, long n, long count)
    {
        var blocks = sources.SelectMany(rows =>
            RowBlocks.Of(rows.Count, 1).Select(run => BatchedPass.Read(rows, run.Start, run.Count).to(float64))
        );
        var all = cat([.. blocks]);
        var mean = all.mean([0L]);
        var centered = all - mean;
        var (_, vectors) = linalg.eigh(centered.matmul(centered.t()));
        return (mean, linalg.qr(centered.t().matmul(vectors.narrow(1, n - count, count).flip(1))).Q);
    }

    private static (Tensor Mean, Tensor Axes) OfMany(
        IReadOnlyList<IRowSource> sources,
        long d,
        long count,
        FitContext? context
    )
    {
        var moments = Moments.Of(sources, context: context);
        var (_, vectors) = linalg.eigh(moments.Scatter);
        return (moments.Mean, vectors.narrow(1, d - count, count).flip(1));
    }
}
