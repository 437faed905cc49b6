using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>
/// Extractors in a row: each works on what the one before it computes. An empty chain returns its inputs.
/// </summary>
[SavedPart("extractor-chain")]
public sealed class ExtractorChain : IFeatureExtractor, IDomainSpecific, IComposite, ISavedPart, IGraphPart
{
    private readonly Dictionary<DomainId, IFeatureExtractor> branches = [];
    private IFeatureExtractor[] links;

    private ExtractorChain()
        : this([]) { }

    private ExtractorChain(IFeatureExtractor[] links) => this.links = links;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => links;

    /// <summary>
    /// Chains extractors; nulls are left out, chains are flattened, and a single link is returned as it is.
    /// </summary>
    public static IFeatureExtractor Of(params ReadOnlySpan<IFeatureExtractor?> links)
    {
        var flat = new List<IFeatureExtractor>();
        foreach (var link in links)
        {
            if (link is ExtractorChain chain)
            {
                flat.AddRange(chain.links);
            }
            else if (link is not null)
            {
                flat.Add(link);
            }
        }
        return flat.Count == 1 ? flat[0] : new ExtractorChain([.. flat]);
    }

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        if (links.Length == 0)
        {
            return inputs.alias();
        }
        using var scope = NewDisposeScope();
        var features = inputs;
        foreach (var link in links)
        {
            features = link.Extract(features);
        }
        return features.MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public IFeatureExtractor For(DomainId domain)
    {
        if (!links.Any(link => link is IDomainSpecific))
        {
            return this;
        }
        lock (branches)
        {
            if (!branches.TryGetValue(domain, out var branch))
            {
                branches[domain] = branch = Of([.. links.Select(link => link.For(domain))]);
            }
            return branch;
        }
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        links.Aggregate(inputs, (features, link) => graph.Part(link, features));

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        long count = links.Length;
        state.Number("links", ref count);
        if (state.IsLoading && links.Length != count)
        {
            links = new IFeatureExtractor[count];
        }
        for (var i = 0; i < count; i++)
        {
            state.Part($"link{i}", ref links[i]!);
        }
    }
}
