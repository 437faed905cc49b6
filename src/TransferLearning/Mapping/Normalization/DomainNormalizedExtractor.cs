using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// A network with layers that normalize each domain by its own statistics: tells them whose rows are passing.
/// </summary>
/// <remarks>
/// The layers are <see cref="DomainSpecificBatchNormalization"/> and <see cref="TransferableNormalization"/>, anywhere
/// inside the network. Each domain has its branch, so that the domains pass one by one even where joined passes are
/// asked for. The network stays its owner's. Threads do not disturb each other.
/// </remarks>
[SavedPart("domain-normalized-extractor")]
public sealed class DomainNormalizedExtractor : IFeatureExtractor, IDomainSpecific, IComposite, ISavedPart, IGraphPart
{
    private IFeatureExtractor network;
    private Branch[] branches = [];

    private DomainNormalizedExtractor() => network = null!; // filled by Exchange

    /// <summary>Wraps a network.</summary>
    /// <param name="network">The network, a trainable part.</param>
    /// <param name="sources">The number of source domains.</param>
    /// <exception cref="ArgumentException">
    /// The network has no layer that normalizes by domain, or one for another number of sources.
    /// </exception>
    public DomainNormalizedExtractor(IFeatureExtractor network, int sources = 1)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfLessThan(sources, 1);
        Check(network, sources);
        this.network = network;
        Grow(sources);
    }

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [network, .. branches];

    /// <summary>Extracts as the target: an adapted model serves the target unless it is told otherwise.</summary>
    public Tensor Extract(Tensor inputs) => branches[0].Extract(inputs);

    /// <inheritdoc />
    public IFeatureExtractor For(DomainId domain) =>
        domain.SourceIndex + 1 < branches.Length
            ? branches[domain.SourceIndex + 1]
            : throw new ArgumentException(
                $"the extractor was made for {branches.Length - 1} source(s) and has no branch for {domain}.",
                nameof(domain)
            );

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) => graph.Part(branches[0], inputs);

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        long sources = branches.Length - 1;
        state.Number("sources", ref sources);
        state.Part("network", ref network!);
        if (state.IsLoading && branches.Length != sources + 1)
        {
            Grow((int)sources);
        }
    }

    // The target's branch is the first, as its domain's number is.
    private void Grow(int sources) =>
        branches = [
            new Branch(this, DomainId.Target),
            .. Enumerable.Range(0, sources).Select(i => new Branch(this, DomainId.Source(i))),
        ];

    private static void Check(IFeatureExtractor network, int sources)
    {
        var modules = network
            .WithInner()
            .OfType<ITrainable>()
            .SelectMany(part => part.Module.modules().Append(part.Module))
            .ToList();
        var own = modules.OfType<DomainSpecificBatchNormalization>().ToList();
#pragma warning disable TL1002 // an experimental layer is a layer, too
        if (own.Count == 0 && !modules.OfType<TransferableNormalization>().Any())
#pragma warning restore TL1002
        {
            throw new ArgumentException(
                "the network has no layer that normalizes by domain: put DomainSpecificBatchNormalization or "
                    + "TransferableNormalization into it.",
                nameof(network)
            );
        }
        if (own.Find(layer => layer.Sources != sources) is { } other)
        {
            throw new ArgumentException(
                $"the network's DomainSpecificBatchNormalization must be made for {sources} source(s); one is "
                    + $"made for {other.Sources}.",
                nameof(network)
            );
        }
    }

    private sealed class Branch(DomainNormalizedExtractor owner, DomainId domain)
        : IFeatureExtractor,
            IComposite,
            IGraphPart
    {
        public IReadOnlyList<IPart> Inner => [owner.network];

        public Tensor Extract(Tensor inputs) =>
            PassingDomain.As(domain, () => owner.network.For(domain).Extract(inputs));

        public GraphValue Write(IGraphWriter graph, GraphValue inputs) =>
            PassingDomain.As(domain, () => graph.Part(owner.network.For(domain), inputs));
    }
}
