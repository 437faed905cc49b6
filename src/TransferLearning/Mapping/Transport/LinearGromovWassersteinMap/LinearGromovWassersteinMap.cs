using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Linear Gromov-Wasserstein map: between spaces of different features or widths, by the shape of the two clouds alone.
/// </summary>
/// <remarks>
/// <para>
/// <c>x -> mean_t + (x - mean_s) U_s S (D_t / D_s)^(1/2) U_t'</c>: the k leading principal axes U of each domain, k the
/// smaller width, are laid on each other in the order of their variances D, stretched to the target's (Delon, Desolneux
/// and Salmona 2022, "Gromov-Wasserstein Distances between Gaussian Distributions", theorem 4.1: the best among
/// Gaussian plans, which compare distances within a domain and never across). Variances are divided by n, with the
/// ridge added.
/// </para>
/// <para>
/// Distances do not tell an axis from its mirror image. Each sign in S makes the two domains' third moments along an
/// axis agree. Where the source is the wider, its further axes are dropped; where the target is, images lie in its
/// leading axes. Target rows stay. Costs <c>n d^2 + d^3</c> in each space.
/// </para>
/// </remarks>
public sealed record LinearGromovWassersteinMap : IFeatureMapping
{
    /// <summary>The ridge on the variances, positive. Default 1e-8.</summary>
    [OptionRange(Above = 0)]
    public double Ridge { get; init; } = 1e-8;

    /// <summary>Whether the ridge is measured in the mean variance of each domain's features. Default: it is.</summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => plan.Width;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var canceling = Canceling.By(context);
        using var scope = NewDisposeScope();
        var sources = cat([.. domains.Sources.Select(source => source.Inputs)]);
        return new PerDomainExtractor(Fit(sources, domains.Target.Inputs), ExtractorChain.Of());
    }

    /// <summary>Fits the map of source rows into the target's space.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, k]</c>, of any width.</param>
    /// <returns>The map, <c>[n, d]</c> to <c>[n, k]</c>; the caller disposes it.</returns>
    public AffineMap Fit(Tensor source, Tensor target)
    {
        Guard.Rows(source, 2);
        Guard.Rows(target, 2);
        if (source.dtype != target.dtype || source.device_type != target.device_type)
        {
            throw new ArgumentException(
                $"source and target must have the same dtype and device; got {Shape.Of(source)} and "
                    + $"{Shape.Of(target)}.",
                nameof(target)
            );
        }
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var count = Math.Min(source.shape[1], target.shape[1]);
        var (ofSource, ofTarget) = (Axes(source, count), Axes(target, count));
        var agrees = (ofSource.Skew * ofTarget.Skew).ge(0).to(float64);
        var stretch = (ofTarget.Variances / ofSource.Variances).sqrt() * ((agrees * 2) - 1);
        var matrix = (ofSource.Axes * stretch).matmul(ofTarget.Axes.t());
        var offset = ofTarget.Mean - ofSource.Mean.unsqueeze(0).matmul(matrix).squeeze(0);
        return new AffineMap(matrix, offset);
    }

    // The leading principal axes [d, k], the variances along them, largest first, and the third moments.
    private (Tensor Mean, Tensor Axes, Tensor Variances, Tensor Skew) Axes(Tensor rows, long count)
    {
        var x = rows.to(float64);
        var mean = x.mean([0L]);
        var centered = x - mean;
        var (values, vectors) = linalg.eigh(centered.t().matmul(centered) / x.shape[0]);
        var first = x.shape[1] - count;
        var axes = vectors.narrow(1, first, count).flip(1);
        var spread = values.clamp_min(0).mean();
        // Rows that are all alike have no unit of their own.
        var unit =
            PenaltyScale == PenaltyScale.Relative ? where(spread.gt(0), spread, ones_like(spread)) : ones_like(spread);
        var variances = values.narrow(0, first, count).flip(0).clamp_min(0) + (unit * Ridge);
        return (mean, axes, variances, centered.matmul(axes).pow(3).mean([0L]));
    }
}
