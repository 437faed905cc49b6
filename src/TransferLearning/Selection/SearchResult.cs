using System.Globalization;
using System.Text;
using TransferLearning.Internal;

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

    /// <summary>The ranking as HTML: a picture of the mean ranks with their intervals, and every score.</summary>
    /// <param name="isPage">
    /// Whether it is a page by itself, the default, or a section for the body of another. Style and pictures lie inside
    /// it either way.
    /// </param>
    public string ToHtml(bool isPage = true) =>
        new ReportSection("Candidates, ranked without target labels")
            .Paragraph(
                $"The best is {Best}. The scores do not tell it from: {string.Join(", ", NotWorse)}. "
                    + "Bars show mean ranks, 1 is the best; lines are their 90 % intervals."
            )
            .Bars(
                "Mean rank of every candidate",
                [.. Ranking.Select(it => (it.Name, it.MeanRank, ((double, double)?)(it.Low, it.High)))],
                Ranking.Count
            )
            .Table(
                ["candidate", "mean rank", "90 %", .. Scores, "failed"],
                Ranking.Select(it =>
                    (IEnumerable<string>)
                        [
                            it.Name,
                            ReportSection.Text(it.MeanRank, "0.00"),
                            $"{ReportSection.Text(it.Low, "0.00")}–{ReportSection.Text(it.High, "0.00")}",
                            .. it.Values.Select(value => ReportSection.Text(value, "G4")),
                            it.Fault ?? "",
                        ]
                )
            )
            .Html(isPage);

    /// <summary>The ranking as JSON; a score that no fit has is null.</summary>
    public string ToJson() =>
        ReportJson.Of(
            new
            {
                Best,
                NotWorse,
                Scores,
                Ranking,
            }
        );
}
