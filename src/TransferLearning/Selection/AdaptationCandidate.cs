namespace TransferLearning.Selection;

/// <summary>A method, or one of its settings, that a search tries.</summary>
/// <param name="Name">Its name in the ranking.</param>
/// <param name="Chain">Makes its chain, with new modules each time: every seed is a fit of its own.</param>
/// <param name="Options">Its options in place of the search's, the seed excepted; null for the search's.</param>
public sealed record AdaptationCandidate(string Name, Func<AdaptationBuilder> Chain, FitOptions? Options = null)
{
    // The chain for some options, and the plain one that it came with: who gives another Chain means that one.
    private (Func<FitOptions, AdaptationBuilder> Of, Func<AdaptationBuilder> Plain)? ChainFor { get; init; }

    /// <summary>A candidate whose chain depends on the options of the fit: its seed, its epochs.</summary>
    /// <remarks>
    /// For chains whose stages have training options of their own. A search by halving
    /// (<see cref="AdaptationSearch.Halving"/>) shortens <see cref="FitOptions.Training"/>, and what a stage says
    /// itself stands above that: <c>options.Training with { BatchSize = 32 }</c> keeps the shortened epochs.
    /// </remarks>
    /// <param name="name">Its name in the ranking.</param>
    /// <param name="chain">Makes its chain for the options of a fit, with new modules each time.</param>
    /// <param name="options">Its options in place of the search's, the seed excepted; null for the search's.</param>
    public static AdaptationCandidate By(
        string name,
        Func<FitOptions, AdaptationBuilder> chain,
        FitOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(chain);
        AdaptationBuilder Plain() => chain(options ?? new FitOptions());
        Func<AdaptationBuilder> plain = Plain;
        return new(name, plain, options) { ChainFor = (chain, plain) };
    }

    /// <summary>A new chain for a fit.</summary>
    internal AdaptationBuilder Made(FitOptions options) =>
        ChainFor is { } given && ReferenceEquals(Chain, given.Plain) ? given.Of(options) : Chain();
}
