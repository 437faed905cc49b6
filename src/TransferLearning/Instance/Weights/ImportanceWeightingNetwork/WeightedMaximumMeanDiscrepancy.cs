using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>The squared mean discrepancy of a weighted source and the target.</summary>
/// <remarks>
/// <c>mean_ij w_i w_j k(s_i, s_j) + mean_ij k(t_i, t_j) - 2 mean_ij w_i k(s_i, t_j)</c> with the weights divided by
/// their mean, which is differentiated too: what weights learn from (de Mathelin, Deheeger, Mougeot and Vayatis 2022,
/// "Fast and Accurate Importance Weighting for Correcting Sample Bias").
/// </remarks>
/// <param name="kernel">The kernel; one that reads its width off the data does so without gradient.</param>
public sealed class WeightedMaximumMeanDiscrepancy(IKernel kernel)
{
    private readonly IKernel kernel = kernel ?? throw new ArgumentNullException(nameof(kernel));

    /// <summary>Measures the gap.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="weights">Weights <c>[n]</c>, not negative, not all zero.</param>
    /// <returns>A scalar, differentiable in all three; the caller disposes it.</returns>
    public Tensor Between(Tensor source, Tensor target, Tensor weights)
    {
        Guard.Pair(source, target);
        Guard.Alive(weights);
        if (weights.dim() != 1 || weights.shape[0] != source.shape[0])
        {
            throw new ArgumentException(
                $"weights must be one a source row, [{source.shape[0]}]; got {Shape.Of(weights)}.",
                nameof(weights)
            );
        }
        var rows = source.shape[0] + target.shape[0];
        MemoryNeed.Check(
            nameof(WeightedMaximumMeanDiscrepancy),
            source,
            rows,
            rows,
            2,
            "Measure batches of the rows.",
            float64
        );
        using var scope = NewDisposeScope();
        var (s, t, wide) = (source.to(float64), target.to(float64), weights.to(float64));
        var fixedKernel = kernel.FixedFor(cat([s, t]).detach());
        return Of(fixedKernel.Matrix, s, t, wide).to(source.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>The gap by any function of two samples' rows to a kernel matrix. Opens no scope.</summary>
    internal static Tensor Of(Func<Tensor, Tensor, Tensor> kernel, Tensor source, Tensor target, Tensor weights)
    {
        var shares = weights / weights.sum();
        var within = shares.dot(kernel(source, source).mv(shares));
        var across = shares.dot(kernel(source, target).mean([1L]));
        return within + kernel(target, target).mean() - (2 * across);
    }
}
