namespace TransferLearning;

/// <summary>
/// An extractor that treats domains differently: untied networks, per-domain normalization, source-only maps.
/// </summary>
public interface IDomainSpecific
{
    /// <summary>The extractor that serves one domain.</summary>
    /// <param name="domain">Which domain.</param>
    /// <returns>Always the same object for the same domain: the step's memo knows passes by it.</returns>
    IFeatureExtractor For(DomainId domain);
}
