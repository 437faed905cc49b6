using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>
/// What stages hand on: the domains in their present representation, the map that led there, and the parts on top.
/// </summary>
/// <param name="domains">Rows in the representation that <paramref name="map"/> leads to.</param>
/// <param name="map">The composed map from the original inputs, or null where rows are still the inputs.</param>
/// <param name="extractor">The extractor that stands on those rows, or null.</param>
/// <param name="predictor">The predictor on top, or null.</param>
public sealed class AdaptationState(
    DomainSet domains,
    IFeatureExtractor? map = null,
    IFeatureExtractor? extractor = null,
    ILabelPredictor? predictor = null
)
{
    /// <summary>The domains as rows of the present representation.</summary>
    public DomainSet Domains { get; } = domains;

    /// <summary>The map from the original inputs to the present rows, or null.</summary>
    public IFeatureExtractor? Map { get; } = map;

    /// <summary>The extractor on top of the rows, or null.</summary>
    public IFeatureExtractor? Extractor { get; } = extractor;

    /// <summary>The predictor on top, or null.</summary>
    public ILabelPredictor? Predictor { get; } = predictor;

    /// <summary>Stops what maps rows.</summary>
    internal CancellationToken Cancellation { get; init; }

    /// <summary>The whole way from inputs to features.</summary>
    public IFeatureExtractor Path => ExtractorChain.Of(Map, Extractor);

    /// <summary>The state after a further map: rows pass it, parts on top are dropped.</summary>
    public AdaptationState Mapped(IFeatureExtractor map) =>
        new(Domains.Through(map, Cancellation), ExtractorChain.Of(Map, map)) { Cancellation = Cancellation };

    internal AdaptationState Mapped(IFeatureExtractor map, long batchSize, Device? device) =>
        new(Domains.Through(map, Cancellation, batchSize, device), ExtractorChain.Of(Map, map))
        {
            Cancellation = Cancellation,
        };

    /// <summary>
    /// The state whose rows are the extractor's features: what a shallow stage after a network works on.
    /// </summary>
    public AdaptationState Embedded() => Extractor is null ? this : Mapped(Extractor);

    /// <summary>The same rows with other parts on top.</summary>
    public AdaptationState With(IFeatureExtractor? extractor, ILabelPredictor? predictor) =>
        new(Domains, Map, extractor, predictor) { Cancellation = Cancellation };

    /// <summary>The same map and parts over other domains, re-weighted ones for instance.</summary>
    public AdaptationState With(DomainSet domains) =>
        new(domains, Map, Extractor, Predictor) { Cancellation = Cancellation };
}
