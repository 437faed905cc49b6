using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>
/// An extractor for the sources, or one for each of them, and another for the target: untied networks, source-only
/// maps.
/// </summary>
[SavedPart("per-domain-extractor")]
public sealed class PerDomainExtractor : IFeatureExtractor, IDomainSpecific, IComposite, ISavedPart, IGraphPart
{
    private IFeatureExtractor[] sources;
    private IFeatureExtractor target;

    private PerDomainExtractor() => (sources, target) = ([], null!); // filled by Exchange

    /// <summary>Puts two extractors side by side.</summary>
    /// <param name="source">Serves every source domain.</param>
    /// <param name="target">Serves the target.</param>
    public PerDomainExtractor(IFeatureExtractor source, IFeatureExtractor target)
        : this([source], target) { }

    /// <summary>Puts an extractor for each source beside one for the target.</summary>
    /// <param name="sources">Serve the sources, in their order; a single one serves them all.</param>
    /// <param name="target">Serves the target.</param>
    public PerDomainExtractor(IReadOnlyList<IFeatureExtractor> sources, IFeatureExtractor target)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentOutOfRangeException.ThrowIfZero(sources.Count, nameof(sources));
        foreach (var source in sources)
        {
            ArgumentNullException.ThrowIfNull(source);
        }
        ArgumentNullException.ThrowIfNull(target);
        (this.sources, this.target) = ([.. sources], target);
    }

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [.. sources, target];

    /// <summary>
    /// Extracts with the target's branch: an adapted model serves the target unless it is told otherwise.
    /// </summary>
    public Tensor Extract(Tensor inputs) => target.Extract(inputs);

    /// <inheritdoc />
    /// <exception cref="ArgumentException">There are extractors for several sources, but none for this one.</exception>
    public IFeatureExtractor For(DomainId domain)
    {
        if (domain.IsTarget)
        {
            return target.For(domain);
        }
        var place = sources.Length == 1 ? 0 : domain.SourceIndex;
        return place < sources.Length
            ? sources[place].For(domain)
            : throw new ArgumentException(
                $"the extractor was made for {sources.Length} sources and has none for {domain}.",
                nameof(domain)
            );
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) => graph.Part(target, inputs);

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        long count = sources.Length;
        state.Number("sources", ref count);
        if (state.IsLoading && sources.Length != count)
        {
            sources = new IFeatureExtractor[count];
        }
        for (var i = 0; i < count; i++)
        {
            state.Part($"source{i}", ref sources[i]!);
        }
        state.Part("target", ref target!);
    }
}
