using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Multi-source linear Monge alignment: every domain, the target as well, moves by its own cheapest linear map to the
/// Gaussian that lies between the sources.
/// </summary>
/// <remarks>
/// Domain k, with mean m_k and covariance C_k (divided by n, the ridge on its diagonal), moves by
/// <c>x -> m + (x - m_k) A_k</c>, <c>A_k = C_k^(-1/2) (C_k^(1/2) S C_k^(1/2))^(1/2) C_k^(-1/2)</c>. m is the mean of
/// the sources' means and S their Bures-Wasserstein barycenter, <c>S = 1/K sum_k (S^(1/2) C_k S^(1/2))^(1/2)</c>, by
/// the fixed point of Álvarez-Esteban, del Barrio, Cuesta-Albertos and Matrán 2016 (Gnassounou, Flamary and Gramfort
/// 2023, "Convolution Monge Mapping Normalization for Learning on Sleep Data", on features). Sources count alike,
/// however many rows they have. Where sources differ among themselves this leaves a learner one domain; with one source
/// it is <see cref="LinearMongeMap"/> the other way round, from the target to the source. Costs one pass over the rows,
/// which are read block by block from wherever they lie, <c>K d^3</c> a round and <c>K d^2</c> memory.
/// </remarks>
public sealed record GaussianBarycenterAlignment : IFeatureMapping
{
    /// <summary>The ridge on all covariances, positive. Default 1e-8.</summary>
    [OptionRange(Above = 0)]
    public double Ridge { get; init; } = 1e-8;

    /// <summary>
    /// Whether the ridge is measured in the mean variance of a feature over all domains. Default: it is.
    /// </summary>
    public PenaltyScale PenaltyScale { get; init; }

    /// <summary>Whether the target counts as one more source of the barycenter. Default false.</summary>
    public bool IncludesTarget { get; init; }

    /// <summary>
    /// How far the mean of the maps away from the barycenter may be from the identity, relative to it. Default 1e-10.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Tolerance { get; init; } = 1e-10;

    /// <summary>The most rounds of the fixed point, at least 1. Default 100.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxRounds { get; init; } = 100;

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => plan.Width;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        ArgumentNullException.ThrowIfNull(context);
        using var canceling = Canceling.By(context);
        return Fit([.. domains.Sources.Select(source => source.Rows)], domains.Target.Rows, context);
    }

    /// <summary>Fits a map for every domain.</summary>
    /// <param name="sources">The rows <c>[n_k, d]</c> of each source, at least 2 each.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <returns>The maps, one <see cref="AffineMap"/> a domain; the caller disposes them.</returns>
    public PerDomainExtractor Fit(IReadOnlyList<Tensor> sources, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(sources);
        foreach (var source in sources)
        {
            Guard.Pair(source, target, least: 2, sourceName: nameof(sources));
        }
        return Fit([.. sources.Select(source => new TensorRows(source))], new TensorRows(target), null);
    }

    private PerDomainExtractor Fit(IReadOnlyList<IRowSource> sources, IRowSource target, FitContext? context)
    {
        ArgumentOutOfRangeException.ThrowIfZero(sources.Count, nameof(sources));
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var moments = sources.Append(target).Select(rows => Moments.Of([rows], context: context)).ToList();
        var ridge = Ridge * RowUnit.OfCovariances(PenaltyScale, moments);
        var all = moments.Select(of => GaussianTransport.Of(of, ridge)).ToList();
        var counted = IncludesTarget ? all : all.SkipLast(1).ToList();
        var mean = counted.Select(of => of.Mean).Aggregate((sum, next) => sum + next) / counted.Count;
        var covariance = GaussianTransport.Barycenter(
            [.. counted.Select(of => of.Covariance)],
            Tolerance,
            MaxRounds,
            context?.Cancellation ?? default
        );
        var maps = all.Select(of => GaussianTransport.Map(of, (mean, covariance))).ToList();
        return new PerDomainExtractor([.. maps.SkipLast(1)], maps[^1]);
    }
}
