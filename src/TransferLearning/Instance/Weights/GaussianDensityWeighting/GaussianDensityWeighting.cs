using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>The ratio of two fitted normal densities as weights.</summary>
/// <remarks>
/// <c>w_i = N(s_i; m_t, C_t + r I) / N(s_i; m_s, C_s + r I)</c> with covariances divided by <c>n - 1</c> (the weights
/// of Shimodaira 2000, "Improving Predictive Inference under Covariate Shift by Weighting the Log-Likelihood Function",
/// with normal densities). In a chain divided by their mean. Costs n d^2 + d^3, and d^2 memory: the rows are read block
/// by block, three times, from wherever they lie.
/// </remarks>
public sealed record GaussianDensityWeighting : IInstanceWeighting
{
    /// <summary>
    /// The ridge r on both covariances, not negative. Default 1e-6; 0 needs more rows than features in both domains.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Ridge { get; init; } = 1e-6;

    /// <summary>Whether the ridge is measured in the mean variance of each domain's features. Default: it is.</summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <inheritdoc />
    public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        RowShape.CheckPair(source.Rows, target.Rows, least: 2);
        var (logs, type) = Logs(source.Rows, target.Rows, context);
        return RelativeWeights.OfLogs(logs).to(type).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Computes the ratios at some source rows, not divided by their mean; those that exceed the dtype count as its
    /// largest number.
    /// </summary>
    /// <param name="source">Source rows <c>[n, d]</c>, at least 2.</param>
    /// <param name="target">Target rows <c>[m, d]</c>, at least 2.</param>
    /// <returns>Weights <c>[n]</c> in the rows' dtype; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">A covariance is singular: raise <see cref="Ridge"/>.</exception>
    public Tensor Weigh(Tensor source, Tensor target)
    {
        Guard.Pair(source, target, least: 2);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (logs, type) = Logs(new TensorRows(source), new TensorRows(target), context: null);
        return logs.exp().clamp_max(finfo(type).max).to(type).MoveToOuterDisposeScope();
    }

    // Of every source row, and the dtype that the rows came in.
    private (Tensor Logs, ScalarType Type) Logs(IRowSource source, IRowSource target, FitContext? context)
    {
        Guard.Options(this);
        var (ofSource, ofTarget) = (Moments.Of([source], context: context), Moments.Of([target], context: context));
        var ratio = new LogRatio(Density(ofTarget, nameof(target)), Density(ofSource, nameof(source)));
        var logs = BatchedPass.Over(source, ratio, context?.Cancellation ?? default);
        return (logs.squeeze(1), ofSource.Type);
    }

    private NormalDensity Density(Moments rows, string name)
    {
        var covariance = rows.Covariance;
        var unit = PenaltyScale == PenaltyScale.Relative ? covariance.diagonal().mean() : ones_like(covariance[0, 0]);
        covariance.diagonal().add_(unit * Ridge);
        var (factor, info) = linalg.cholesky_ex(covariance);
        if (info.item<int>() != 0)
        {
            throw new ArgumentException(
                $"the covariance of {name} is singular ({rows.Count} rows of {rows.Mean.shape[0]} features): set a "
                    + "positive Ridge or drop constant features.",
                name
            );
        }
        return new NormalDensity(rows.Mean, factor);
    }

    /// <summary>A normal density's logarithm, up to the constant that all of one dimension share.</summary>
    private readonly record struct NormalDensity(Tensor Mean, Tensor Factor)
    {
        public Tensor LogAt(Tensor rows)
        {
            var whitened = linalg.solve_triangular(Factor, (rows - Mean).t(), upper: false);
            return (whitened.square().sum(dim: 0) / -2) - Factor.diagonal().log().sum();
        }
    }

    /// <summary>The log ratio of two densities passed off as a feature, to take the rows a run at a time.</summary>
    private sealed class LogRatio(NormalDensity above, NormalDensity below) : IFeatureExtractor
    {
        public Tensor Extract(Tensor inputs)
        {
            using var scope = NewDisposeScope();
            var rows = inputs.to(float64);
            return (above.LogAt(rows) - below.LogAt(rows)).unsqueeze(1).MoveToOuterDisposeScope();
        }
    }
}
