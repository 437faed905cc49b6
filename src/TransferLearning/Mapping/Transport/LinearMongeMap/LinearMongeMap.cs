using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Linear Monge map: the cheapest transport between the Gaussians of the two domains.</summary>
/// <remarks>
/// <c>x -> mean_t + (x - mean_s) A</c>, <c>A = C_s^(-1/2) (C_s^(1/2) C_t C_s^(1/2))^(1/2) C_s^(-1/2)</c>, with
/// covariances divided by n and the ridge added to their diagonals (Peyré and Cuturi 2019, "Computational Optimal
/// Transport", remark 2.31; Flamary, Lounici and Ferrari 2019). Unlike CORAL it moves means, and its A is symmetric:
/// nothing is turned for nothing. Target rows stay. Costs one pass over the rows, which are read block by block from
/// wherever they lie: n d^2 + d^3 operations and d^2 memory.
/// </remarks>
public sealed record LinearMongeMap : IFeatureMapping
{
    /// <summary>The ridge on both covariances, positive. Default 1e-8.</summary>
    [OptionRange(Above = 0)]
    public double Ridge { get; init; } = 1e-8;

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
    /// <returns>The map; the caller disposes it. Called with the arguments exchanged it gives the inverse.</returns>
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
        var ridge = Ridge * RowUnit.OfCovariances(PenaltyScale, source, target);
        return GaussianTransport.Map(GaussianTransport.Of(source, ridge), GaussianTransport.Of(target, ridge));
    }
}
