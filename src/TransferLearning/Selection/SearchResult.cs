using System.Globalization;
using System.Text;
using TransferLearning.Internal;
using TransferLearning.Training;

namespace TransferLearning.Selection;

/// <summary>What a search found.</summary>
/// <param name="Ranking">The candidates, the best first.</param>
/// <param name="Scores">The scores' names.</param>
public sealed record SearchResult(IReadOnlyList<RankedCandidate> Ranking, IReadOnlyList<string> Scores)
{
    /// <summary>Fits a candidate again as the search did, for a seed; null where no search made the result.</summary>
    internal Func<string, long, IProgress<TrainingProgress>?, CancellationToken, AdaptedModel>? Fits { get; init; }

    /// <summary>The seeds of the search.</summary>
    internal IReadOnlyList<long> Seeds { get; init; } = [];

    /// <summary>The best candidate's name.</summary>
    public string Best => Ranking[0].Name;

    /// <summary>
    /// The candidates whose intervals reach down to the best one's mean rank: the scores do not tell them from it. Of a
    /// search by halving those of the last round.
    /// </summary>
    public IReadOnlyList<string> NotWorse =>
        [.. LastRound.Where(candidate => candidate.Low <= Ranking[0].MeanRank).Select(candidate => candidate.Name)];

    private IEnumerable<RankedCandidate> LastRound =>
        Ranking.Where(candidate => candidate.Share.Equals(Ranking[0].Share));

    private bool IsHalved => Ranking.Any(candidate => candidate.Share < 1);

    /// <summary>Fits a candidate again on the domains of the search, with its whole training.</summary>
    /// <remarks>
    /// On the CPU it is the model that the search judged, bit for bit, where that was trained whole and on all sources:
    /// not after a rehearsal, nor for a candidate that halving left behind. The search's domains must still be alive,
    /// and nothing of the search is kept but them and the candidates.
    /// </remarks>
    /// <param name="candidate">Its name; null, the default, for <see cref="Best"/>.</param>
    /// <param name="seed">The seed; null, the default, for the first of the search's.</param>
    /// <param name="progress">Hears how far the fit is.</param>
    /// <param name="cancellationToken">Stops the fit.</param>
    /// <returns>The model; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The search had no candidate of that name.</exception>
    /// <exception cref="InvalidOperationException">The result was put together by hand, not by a search.</exception>
    public AdaptedModel Refit(
        string? candidate = null,
        long? seed = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        var name = candidate ?? Best;
        if (Ranking.All(one => one.Name != name))
        {
            throw new ArgumentException(
                $"the search had no candidate '{name}'; it had {string.Join(", ", Ranking.Select(one => one.Name))}.",
                nameof(candidate)
            );
        }
        return Fits is null
            ? throw new InvalidOperationException(
                "this result was not made by AdaptationSearch.Run, so there are no domains to fit to: fit the chain by "
                    + "itself."
            )
            : Fits(name, seed ?? Seeds[0], progress, cancellationToken);
    }

    /// <summary>The ranking as a table of text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var width = Math.Max(9, Ranking.Max(candidate => candidate.Name.Length));
        text.Append("candidate".PadRight(width)).Append("  mean rank (90 %)");
        text.Append(IsHalved ? "  trained" : "");
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
            if (IsHalved)
            {
                text.Append("  ").Append(Trained(candidate).PadLeft("trained".Length));
            }
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
                    + (IsHalved ? " Ranks are among the candidates that were trained as long; bars are the last." : "")
            )
            .Bars(
                "Mean rank of every candidate",
                [.. LastRound.Select(it => (it.Name, it.MeanRank, ((double, double)?)(it.Low, it.High)))],
                LastRound.Count()
            )
            .Table(
                [
                    "candidate",
                    "mean rank",
                    "90 %",
                    .. IsHalved ? ["trained"] : Array.Empty<string>(),
                    .. Scores,
                    "failed",
                ],
                Ranking.Select(it =>
                    (IEnumerable<string>)
                        [
                            it.Name,
                            ReportSection.Text(it.MeanRank, "0.00"),
                            $"{ReportSection.Text(it.Low, "0.00")}–{ReportSection.Text(it.High, "0.00")}",
                            .. IsHalved ? [Trained(it)] : Array.Empty<string>(),
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

    private static string Trained(RankedCandidate candidate) =>
        candidate.Share.ToString("0.#%", CultureInfo.InvariantCulture);
}
