namespace TransferLearning.Selection;

/// <summary>A candidate's place in a ranking by several scores.</summary>
/// <param name="Name">The candidate.</param>
/// <param name="MeanRank">Its mean rank over the scores; 1 is the best.</param>
/// <param name="Ranks">Its rank by each score.</param>
/// <param name="Values">Its value by each score; higher is better.</param>
public sealed record RankedBackbone(
    string Name,
    double MeanRank,
    IReadOnlyList<double> Ranks,
    IReadOnlyList<double> Values
);
