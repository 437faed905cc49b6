using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Feature augmentation: a copy of the features for every domain, and one that all share.</summary>
/// <remarks>
/// With K sources, rows of source k become <c>[0 .. x .. 0 | 0 | x]</c> with x in block k, target rows
/// <c>[0 .. 0 | x | x]</c>: K + 2 blocks of d columns, the last shared, the last but one the target's (Daume 2007,
/// "Frustratingly Easy Domain Adaptation", whose order is shared, source, target). A linear learner then finds by
/// itself what the domains share. Needs labeled target rows to gain anything. Costs n (K + 2) d memory.
/// </remarks>
public sealed record FeatureAugmentation : IFeatureMapping
{
    /// <inheritdoc />
    public long? MappedWidth(ChainPlan plan) => plan.Width * (plan.Domains.Sources.Count + 2);

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        return new AugmentedFeatures(domains.Sources.Count);
    }

    /// <summary>The map for some number of sources; nothing is fitted.</summary>
    /// <param name="sources">How many source domains K, at least 1.</param>
    public AugmentedFeatures For(int sources)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sources, 1);
        return new AugmentedFeatures(sources);
    }
}
