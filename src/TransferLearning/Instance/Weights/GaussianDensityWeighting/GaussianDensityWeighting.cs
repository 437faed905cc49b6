using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>The ratio of two fitted normal densities as weights.</summary>
/// <remarks>
/// <c>w_i = N(s_i; m_t, C_t + r I) / N(s_i; m_s, C_s + r I)</c> with covariances divided by <c>n - 1</c> (the weights
/// of Shimodaira 2000, "Improving Predictive Inference under Covariate Shift by Weighting the Log-Likelihood Function",
/// with normal densities). In a chain divided by their mean. Costs n d^2 + d^3.
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
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return RelativeWeights
            .OfLogs(Logs(source.Inputs, target.Inputs))
            .to(source.Inputs.dtype)
            .MoveToOuterDisposeScope();
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
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return Logs(source, target).exp().clamp_max(finfo(source.dtype).max).to(source.dtype).MoveToOuterDisposeScope();
    }

    private Tensor Logs(Tensor source, Tensor target)
    {
        Guard.Pair(source, target, least: 2);
        Guard.Options(this);
        var (s, t) = (source.to(float64), target.to(float64));
        return LogDensity(s, t, nameof(target)) - LogDensity(s, s, nameof(source));
    }

    // Up to the constant that both densities share.
    private Tensor LogDensity(Tensor at, Tensor rows, string name)
    {
        var covariance = Statistics.Covariance(rows);
        var unit = PenaltyScale == PenaltyScale.Relative ? covariance.diagonal().mean() : ones_like(covariance[0, 0]);
        covariance.diagonal().add_(unit * Ridge);
        var (factor, info) = linalg.cholesky_ex(covariance);
        if (info.item<int>() != 0)
        {
            throw new ArgumentException(
                $"the covariance of {name} is singular ({rows.shape[0]} rows of {rows.shape[1]} features): set a "
                    + "positive Ridge or drop constant features.",
                name
            );
        }
        var centered = (at - rows.mean([0L])).t();
        var whitened = linalg.solve_triangular(factor, centered, upper: false);
        return (whitened.square().sum(dim: 0) / -2) - factor.diagonal().log().sum();
    }
}
