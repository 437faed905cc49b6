using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Location-scale map: each source feature gets the target's mean and standard deviation.</summary>
/// <remarks>
/// <c>x -> (x - mean_s) / sd_s * sd_t + mean_t</c>, feature by feature, standard deviations with n - 1 (the
/// location-scale change of Zhang, Schölkopf, Muandet and Wang 2013, "Domain Adaptation under Target and Conditional
/// Shift", in its marginal form). A feature that is constant in the source is moved, not scaled. Target rows stay.
/// Costs one pass over the rows, which are read block by block from wherever they lie: n d operations and d memory.
/// </remarks>
public sealed record LocationScale : IFeatureMapping
{
    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => plan.Width;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        var (source, target) = DomainMoments.Of(domains, context, isDiagonal: true);
        return new PerDomainExtractor(Fit(source, target), ExtractorChain.Of());
    }

    /// <summary>Fits the map of source rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <returns>The map; the caller disposes it.</returns>
    public DiagonalMap Fit(Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (ofSource, ofTarget) = DomainMoments.Of(source, target, isDiagonal: true);
        return Fit(ofSource, ofTarget);
    }

    private static DiagonalMap Fit(Moments source, Moments target)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (sourceSpread, targetSpread) = (source.Covariance.sqrt(), target.Covariance.sqrt());
        // What rounding leaves of a feature that is constant is no spread.
        var isVaried = sourceSpread > source.Mean.abs() * 1e-12;
        var factor = where(isVaried, targetSpread / sourceSpread, ones_like(sourceSpread));
        return new DiagonalMap(factor, target.Mean - (source.Mean * factor));
    }
}
