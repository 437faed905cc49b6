using TransferLearning.Data;
using static TorchSharp.torch;

namespace TransferLearning.Kernels;

/// <summary>
/// The spread of the rows of several domains, the root of their mean squared distance from their common mean: what rows
/// are divided by where a penalty is relative, so that it means the same in any unit.
/// </summary>
internal static class RowUnit
{
    /// <summary>
    /// The spread of rows wherever they lie, read in one pass; 1 where penalties are absolute, the kernel's values have
    /// no unit, or all rows coincide.
    /// </summary>
    public static double Of(
        PenaltyScale scale,
        IKernel? kernel,
        IEnumerable<IRowSource> domains,
        FitContext? context = null
    )
    {
        if (scale == PenaltyScale.Absolute || kernel?.IsUnitFree == true)
        {
            return 1;
        }
        using var scope = NewDisposeScope();
        var moments = Moments.Of(domains, isDiagonal: true, context: context);
        var variance = moments.Scatter.sum().item<double>() / moments.Count;
        return variance > 0 ? Math.Sqrt(variance) : 1;
    }

    /// <summary>The spread of rows in memory.</summary>
    public static double Of(PenaltyScale scale, IKernel? kernel, params ReadOnlySpan<Tensor> domains)
    {
        var rows = new IRowSource[domains.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = new TensorRows(domains[i]);
        }
        return Of(scale, kernel, rows);
    }

    /// <summary>
    /// What a ridge on covariances is multiplied by: the mean variance of a feature, over domains and features alike; 1
    /// where it is absolute or nothing varies.
    /// </summary>
    public static double OfCovariances(PenaltyScale scale, params IReadOnlyList<Moments> domains)
    {
        if (scale == PenaltyScale.Absolute)
        {
            return 1;
        }
        using var scope = NewDisposeScope();
        var mean = domains.Average(moments =>
            moments.Scatter.diagonal().mean().item<double>() / Math.Max(1, moments.Count - 1)
        );
        return mean > 0 ? mean : 1;
    }
}
