using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>CORAL: a linear map of the source rows that gives them the target's covariance.</summary>
/// <remarks>
/// <c>x -> x (C_s + r v I)^(-1/2) (C_t + r v I)^(1/2)</c> with covariances divided by <c>n - 1</c> and v the mean
/// variance of a feature, <c>(tr C_s + tr C_t) / 2d</c> (Sun, Feng and Saenko 2016, "Return of Frustratingly Easy
/// Domain Adaptation", algorithm 1, where r = 1 for standardized features, whose v is 1;
/// <see cref="PenaltyScale.Absolute"/> leaves v out). Means are left alone, as in the paper; target rows do not move.
/// Costs one pass over the rows, which are read block by block from wherever they lie: n d^2 + d^3 operations and d^2
/// memory; several sources are pooled.
/// </remarks>
public sealed record CorrelationAlignment : IFeatureMapping
{
    /// <summary>The ridge r on both covariances, positive. Default 1, the paper's.</summary>
    [OptionRange(Above = 0)]
    public double Ridge { get; init; } = 1;

    /// <summary>
    /// Whether the ridge is measured in the mean variance of a feature over both domains. Default: it is.
    /// </summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => plan.Width;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        var (source, target) = DomainMoments.Of(domains, context);
        return new PerDomainExtractor(Fit(source, target), ExtractorChain.Of());
    }

    /// <summary>Fits the map of source rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <returns>The map; the caller disposes it.</returns>
    public AffineMap Fit(Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (ofSource, ofTarget) = DomainMoments.Of(source, target);
        return Fit(ofSource, ofTarget);
    }

    private AffineMap Fit(Moments source, Moments target)
    {
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var ridge =
            eye(source.Mean.shape[0], dtype: float64, device: source.Mean.device)
            * (Ridge * RowUnit.OfCovariances(PenaltyScale, source, target));
        var whiten = Statistics.Power(source.Covariance + ridge, -0.5);
        var color = Statistics.Power(target.Covariance + ridge, 0.5);
        return new AffineMap(whiten.matmul(color));
    }
}
