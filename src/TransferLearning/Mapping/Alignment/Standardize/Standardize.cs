using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Standardized features: mean 0 and standard deviation 1, by the source's statistics or by each domain's own.
/// </summary>
/// <remarks>
/// <c>x -> (x - mean) / sd</c>, feature by feature, with the standard deviation of the rows as they are (divided by n).
/// A feature that is constant where the statistics are taken is centered, not scaled. Weights do not count. Labeled
/// target rows pass the target's map. Costs one pass over the rows, which are read block by block from wherever they
/// lie: n d operations and d memory.
/// </remarks>
public sealed record Standardize : IFeatureMapping
{
    /// <summary>
    /// Whether each source and the target get statistics of their own, which takes a shift and a scale of each feature
    /// out of the domains. Default false: the pooled sources' statistics serve all, and what the domains differ in
    /// stays.
    /// </summary>
    public bool PerDomain { get; init; }

    /// <summary>Whether the target gets statistics of its own; the pooled sources' serve any domain.</summary>
    public bool NeedsTarget => PerDomain;

    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => plan.Width;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        var sources = domains.Sources.Select(source => source.Rows);
        using var canceling = Canceling.By(context);
        return PerDomain
            ? new PerDomainExtractor(
                [.. sources.Select(rows => Of([rows], context))],
                Of([domains.Target.Rows], context)
            )
            : Of(sources, context);
    }

    /// <summary>Fits the map of some rows.</summary>
    /// <param name="rows">Rows <c>[n, d]</c> of a floating dtype.</param>
    /// <returns>The map; the caller disposes it.</returns>
    public static DiagonalMap Fit(Tensor rows)
    {
        Guard.Rows(rows);
        return Of([new TensorRows(rows)], null);
    }

    private static DiagonalMap Of(IEnumerable<IRowSource> rows, FitContext? context)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var moments = Moments.Of(rows, isDiagonal: true, context: context);
        var spread = (moments.Scatter / moments.Count).sqrt();
        // What rounding leaves of a feature that is constant is no spread.
        var isVaried = spread > moments.Mean.abs() * 1e-12;
        var factor = where(isVaried, 1 / spread, ones_like(spread));
        return new DiagonalMap(factor, moments.Mean.neg() * factor);
    }
}
