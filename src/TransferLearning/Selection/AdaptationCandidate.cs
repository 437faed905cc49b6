namespace TransferLearning.Selection;

/// <summary>A method, or one of its settings, that a search tries.</summary>
/// <param name="Name">Its name in the ranking.</param>
/// <param name="Chain">Makes its chain, with new modules each time: every seed is a fit of its own.</param>
/// <param name="Options">Its options in place of the search's, the seed excepted; null for the search's.</param>
public sealed record AdaptationCandidate(string Name, Func<AdaptationBuilder> Chain, FitOptions? Options = null);
