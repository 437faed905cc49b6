using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>The ratio of two kernel density estimates as weights.</summary>
/// <remarks>
/// <c>w_i = p_t(s_i) / p_s(s_i)</c> with <c>p(x) = mean_j N(x; x_j, h^2 I)</c>, divided by the mean weight; computed
/// from logarithms (the plug-in estimator of Sugiyama and Kawanabe 2012, "Machine Learning in Non-Stationary
/// Environments", section 4.1). Costs n (n + m) distances, a block of rows at a time.
/// </remarks>
public sealed record KernelDensityWeighting : IInstanceWeighting
{
    /// <summary>
    /// The bandwidth h of both estimates. Null, the default: Scott's rule <c>s n^(-1/(d + 4))</c>, s the source's mean
    /// standard deviation.
    /// </summary>
    [OptionRange(Above = 0)]
    public double? Bandwidth { get; init; }

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
    /// <param name="context">Cancellation; null for none.</param>
    /// <returns>Weights <c>[n]</c> of mean 1 in the rows' dtype; the caller disposes them.</returns>
    public Tensor Weigh(Tensor source, Tensor target, FitContext? context = null)
    {
        Guard.Pair(source, target);
        Guard.Options(this);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (s, t) = (source.to(float64), target.to(float64));
        var width = Bandwidth ?? Scott(s);
        var logs = LogDensity(s, t, width, context) - LogDensity(s, s, width, context);
        var weights = (logs - logs.max()).exp();
        return (weights / weights.mean()).to(source.dtype).MoveToOuterDisposeScope();
    }

    // Up to the constant that both densities share.
    private static Tensor LogDensity(Tensor at, Tensor rows, double width, FitContext? context) =>
        KernelMeans.Blocks(
            at,
            rows,
            block => SquaredDistances.Between(block, rows).mul_(-1 / (2 * width * width)).logsumexp(1),
            context
        ) - Math.Log(rows.shape[0]);

    private static double Scott(Tensor rows)
    {
        double n = rows.shape[0];
        var spread = Statistics.Covariance(rows).diagonal().sqrt().mean().item<double>();
        return spread > 0 ? spread * Math.Pow(n, -1 / (rows.shape[1] + 4.0)) : 1;
    }
}
