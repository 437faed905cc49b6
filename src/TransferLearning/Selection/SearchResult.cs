using System.Globalization;
using System.Text;

namespace TransferLearning.Selection;

/// <summary>What a search found.</summary>
/// <param name="Ranking">The candidates, the best first.</param>
/// <param name="Scores">The scores' names.</param>
public sealed record SearchResult(IReadOnlyList<RankedCandidate> Ranking, IReadOnlyList<string> Scores)
{
    /// <summary>The best candidate's name.</summary>
    public string Best => Ranking[0].Name;

    /// <summary>
    /// The candidates whose intervals reach down to the best one's mean rank: the scores do not tell them from it.
    /// </summary>
    public IReadOnlyList<string> NotWorse =>
        [.. Ranking.Where(candidate => candidate.Low <= Ranking[0].MeanRank).Select(candidate => candidate.Name)];

    /// <summary>The ranking as a table of text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var width = Math.Max(9, Ranking.Max(candidate => candidate.Name.Length));
        text.Append("candidate".PadRight(width)).Append("  mean rank (90 %)");
        foreach (var score in Scores)
        {
            text.Append("  ").Append(score);
        }
        foreach (var candidate in Ranking)
        {
            text.AppendLine()
                .Append(candidate.Name.PadRight(width))
                .Append(
                    CultureInfo.InvariantCulture,
                    $"  {candidate.MeanRank, 5:F2} ({candidate.Low:F2}-{candidate.High:F2})"
                );
            foreach (var (score, value) in Scores.Zip(candidate.Values))
            {
                text.Append("  ").Append(value.ToString("G4", CultureInfo.InvariantCulture).PadLeft(score.Length));
            }
            if (candidate.Fault is { } fault)
            {
                text.Append("  failed: ").Append(fault);
            }
        }
        return text.ToString();
    }
}
