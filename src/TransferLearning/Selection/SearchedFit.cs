namespace TransferLearning.Selection;

/// <summary>One fit of a search: its value by each score, or why it failed.</summary>
/// <param name="Candidate">The candidate's name.</param>
/// <param name="Seed">The fit's seed.</param>
/// <param name="Values">Its value by each score; none where it failed.</param>
/// <param name="Fault">Why it failed, or null.</param>
/// <param name="Share">The share of the training that it got.</param>
internal sealed record SearchedFit(
    string Candidate,
    long Seed,
    IReadOnlyList<double> Values,
    string? Fault,
    double Share = 1
)
{
    /// <summary>The value by a score; a failed fit, or one without a number, is behind all others.</summary>
    public double Value(int score) =>
        Fault is not null || double.IsNaN(Values[score]) ? double.NegativeInfinity : Values[score];
}
