using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>One extractor for the sources and another for the target: untied networks, source-only maps.</summary>
public sealed class PerDomainExtractor : IFeatureExtractor, IDomainSpecific, IComposite, ISavedPart
{
    private IFeatureExtractor source;
    private IFeatureExtractor target;

    private PerDomainExtractor() => source = target = null!; // filled by Exchange

    /// <summary>Puts two extractors side by side.</summary>
    /// <param name="source">Serves every source domain.</param>
    /// <param name="target">Serves the target.</param>
    public PerDomainExtractor(IFeatureExtractor source, IFeatureExtractor target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        (this.source, this.target) = (source, target);
    }

    /// <inheritdoc />
    public IReadOnlyList<object> Inner => [source, target];

    /// <summary>Extracts with the target's branch: an adapted model serves the target unless it is told otherwise.</summary>
    public Tensor Extract(Tensor inputs) => target.Extract(inputs);

    /// <inheritdoc />
    public IFeatureExtractor For(DomainId domain) => (domain.IsTarget ? target : source).For(domain);

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        state.Part("source", ref source!);
        state.Part("target", ref target!);
    }
}
