using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// LDM: weights that bring the source's second moments as near to the target's as linear predictors can tell.
/// </summary>
/// <remarks>
/// Minimizes the spectral norm <c>|| 1/n sum_i w_i s_i s_i' - 1/m sum_j t_j t_j' ||_2</c> over <c>w &gt;= 0</c> of mean
/// 1 (the paper's sum to 1): the discrepancy of the squared loss over linear predictors (Mansour, Mohri and
/// Rostamizadeh 2009, "Domain Adaptation: Learning Bounds and Algorithms", section 5.2). The semi-definite program is
/// solved by a barrier method to a relative gap of 1e-9: n^2 memory, and <c>n^3/3 + n^2 d</c> operations for each of
/// some 100 Newton steps. The least discrepancy is unique; with more rows than <c>d (d + 1) / 2</c> the weights need
/// not be, and these lie in the middle of the best ones.
/// </remarks>
public sealed record LinearDiscrepancyMinimization : IInstanceWeighting
{
    /// <inheritdoc />
    public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        return Weigh(source.Inputs, target.Inputs, context);
    }

    /// <summary>Computes the weights of some source rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="context">Cancellation and progress; null for none.</param>
    /// <returns>Weights <c>[n]</c> of mean 1 in the rows' dtype; the caller disposes them.</returns>
    public Tensor Weigh(Tensor source, Tensor target, FitContext? context = null)
    {
        Guard.Pair(source, target);
        var n = source.shape[0];
        MemoryNeed.Check(
            nameof(LinearDiscrepancyMinimization),
            source,
            n,
            n,
            6,
            "Weigh a random part of the source rows, or take a method that has landmarks, KernelMeanMatching for "
                + "instance.",
            float64
        );
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var s = source.to(float64);
        return SpectralNormProgram
            .Solve(s, Moments(target.to(float64)), context ?? new FitContext())
            .mul_(n)
            .to(source.dtype)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The discrepancy that some weights leave: the spectral norm above.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <param name="weights">Weights <c>[n]</c>, not negative and not all zero; they are divided by their mean.</param>
    public static double Discrepancy(Tensor source, Tensor target, Tensor weights)
    {
        Guard.Pair(source, target);
        Guard.Alive(weights);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var s = source.to(float64);
        var gap = (s * RowShares.Of(s, weights).unsqueeze(1)).t().matmul(s) - Moments(target.to(float64));
        return linalg.eigvalsh(gap).abs().max().item<double>();
    }

    private static Tensor Moments(Tensor rows) => rows.t().matmul(rows) / rows.shape[0];
}
