using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Location-scale map: each source feature gets the target's mean and standard deviation.</summary>
/// <remarks>
/// <c>x -> (x - mean_s) / sd_s * sd_t + mean_t</c>, feature by feature, standard deviations with n - 1 (the location-scale change of Zhang,
/// Schölkopf, Muandet and Wang 2013, "Domain Adaptation under Target and Conditional Shift", in its marginal form). A feature that is constant in
/// the source is moved, not scaled. Target rows stay. Costs n d.
/// </remarks>
public sealed record LocationScale : IFeatureMapping
{
    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        return new PerDomainExtractor(Fit(domains.PooledSources().Inputs, domains.Target.Inputs), ExtractorChain.Of());
    }

    /// <summary>Fits the map of source rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <returns>The map; the caller disposes it.</returns>
    public DiagonalMap Fit(Tensor source, Tensor target)
    {
        Guard.Pair(source, target, least: 2);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (x, y) = (source.to(float64), target.to(float64));
        var (sourceMean, targetMean) = (x.mean([0L]), y.mean([0L]));
        var (sourceSpread, targetSpread) = (x.std(0), y.std(0));
        var factor = where(sourceSpread > 0, targetSpread / sourceSpread, ones_like(sourceSpread));
        return new DiagonalMap(factor.to(source.dtype), (targetMean - (sourceMean * factor)).to(source.dtype));
    }
}
