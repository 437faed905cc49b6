namespace TransferLearning.Selection;

/// <summary>One fit of a search: its value by each score, or why it failed.</summary>
internal sealed record SearchedFit(string Candidate, long Seed, IReadOnlyList<double> Values, string? Fault)
{
    /// <summary>The value by a score; a failed fit, or one without a number, is behind all others.</summary>
    public double Value(int score) =>
        Fault is not null || double.IsNaN(Values[score]) ? double.NegativeInfinity : Values[score];
}
