namespace TransferLearning.Mapping;

/// <summary>The map of <see cref="FeatureAugmentation"/>; without a domain it takes rows for the target's.</summary>
[SavedPart("augmented-features")]
public sealed class AugmentedFeatures : IFeatureExtractor, IDomainSpecific, ISavedPart, IGraphPart
{
    private readonly Dictionary<DomainId, IFeatureExtractor> branches = [];
    private long sources;

    private AugmentedFeatures() { }

    internal AugmentedFeatures(int sources) => this.sources = sources;

    /// <inheritdoc />
    public TorchSharp.torch.Tensor Extract(TorchSharp.torch.Tensor inputs) => For(DomainId.Target).Extract(inputs);

    /// <inheritdoc />
    /// <exception cref="ArgumentException">The map was made for fewer sources than this one needs.</exception>
    public IFeatureExtractor For(DomainId domain)
    {
        if (!domain.IsTarget && domain.SourceIndex >= sources)
        {
            throw new ArgumentException(
                $"the map was made for {sources} sources and has no block for {domain}.",
                nameof(domain)
            );
        }
        lock (branches)
        {
            if (!branches.TryGetValue(domain, out var branch))
            {
                var own = domain.IsTarget ? sources : domain.SourceIndex;
                branches[domain] = branch = new FeatureBlock(own, sources + 2);
            }
            return branch;
        }
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) => graph.Part(For(DomainId.Target), inputs);

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Number("sources", ref sources);
    }
}
