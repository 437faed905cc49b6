namespace TransferLearning;

/// <summary>The description of a map between representations; fitting it to domains gives the map itself.</summary>
/// <remarks>
/// The fitted map may treat domains differently (<see cref="IDomainSpecific"/>): correlation alignment moves source
/// rows only. It owns its tensors, and keeps its whole state in <see cref="ICheckpointed.Exchange"/> so that a model
/// file can hold it.
/// </remarks>
public interface IFeatureMapping : IPart, IPlanned
{
    /// <summary>
    /// Whether the map is fitted to target rows or treats the target differently, so that it cannot stand in a chain
    /// that is fitted without them. Default true.
    /// </summary>
    bool NeedsTarget => true;

    /// <summary>
    /// The width k of the rows that the fitted map will give, or null where only fitting can tell. Default null.
    /// </summary>
    /// <param name="plan">
    /// What is known of the rows that the map will be fitted to, their <see cref="ChainPlan.Width"/> for instance;
    /// nothing was wrong with the options and the chain so far.
    /// </param>
    /// <remarks>The chain then checks what stands behind the map, and tries networks on rows of this width.</remarks>
    long? MappedWidth(ChainPlan plan) => null;

    /// <summary>Fits the map.</summary>
    /// <param name="domains">The domains as rows <c>[n, d]</c>.</param>
    /// <param name="context">Randomness, cancellation and progress of the surrounding fit.</param>
    /// <returns>The fitted map, <c>[n, d]</c> to <c>[n, k]</c>.</returns>
    IFeatureExtractor Fit(DomainSet domains, FitContext context);
}
