namespace TransferLearning.Mapping;

/// <summary>The map of <see cref="FeatureAugmentation"/>; without a domain it takes rows for the target's.</summary>
[SavedPart("augmented-features")]
public sealed class AugmentedFeatures : IFeatureExtractor, IDomainSpecific, ISavedPart, IGraphPart
{
    private long sources;

    private AugmentedFeatures() { }

    internal AugmentedFeatures(int sources) => this.sources = sources;

    /// <inheritdoc />
    public TorchSharp.torch.Tensor Extract(TorchSharp.torch.Tensor inputs) => For(DomainId.Target).Extract(inputs);

    /// <inheritdoc />
    public IFeatureExtractor For(DomainId domain) =>
        new FeatureBlock(domain.IsTarget ? sources : domain.SourceIndex, sources + 2);

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) => graph.Part(For(DomainId.Target), inputs);

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Number("sources", ref sources);
    }
}
