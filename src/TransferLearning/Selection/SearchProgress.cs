namespace TransferLearning.Selection;

/// <summary>How far a search is.</summary>
/// <param name="Candidate">The candidate that was just fitted and scored.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Done">How many fits are done, those of the journal included.</param>
/// <param name="Of">How many there are.</param>
public sealed record SearchProgress(string Candidate, long Seed, int Done, int Of);
