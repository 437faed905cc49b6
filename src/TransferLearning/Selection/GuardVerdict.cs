using System.Globalization;
using TransferLearning.Internal;

namespace TransferLearning.Selection;

/// <summary>What a <see cref="NegativeTransferGuard"/> decided.</summary>
/// <param name="Model">The model that was kept; it is disposed with the verdict.</param>
/// <param name="IsAdapted">Whether it is the adapted one.</param>
/// <param name="Votes">How each validator judged.</param>
/// <param name="ClassesOfPlain">
/// How many classes the plain model predicts on the target, by the exponential of its mean prediction's entropy.
/// </param>
/// <param name="ClassesOfAdapted">The same of the adapted model.</param>
public sealed record GuardVerdict(
    AdaptedModel Model,
    bool IsAdapted,
    IReadOnlyList<ScoreVote> Votes,
    double ClassesOfPlain,
    double ClassesOfAdapted
) : IDisposable
{
    /// <summary>Disposes the model.</summary>
    public void Dispose() => Model.Dispose();

    /// <summary>The verdict and its reasons in words.</summary>
    public override string ToString()
    {
        var votes = string.Join(
            "; ",
            Votes.Select(vote =>
                string.Create(CultureInfo.InvariantCulture, $"{vote.Score} {vote.Plain:G4} to {vote.Adapted:G4}")
            )
        );
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(IsAdapted ? "The adapted model is kept" : "The model without adaptation is kept")}: "
                + $"{Votes.Sum(vote => vote.ForAdapted):G2} of {Votes.Count} votes for the adapted one ({votes}); it "
                + $"predicts {ClassesOfAdapted:F1} classes, the plain one {ClassesOfPlain:F1}."
        );
    }

    /// <summary>The verdict as HTML: its words, and a row for each validator.</summary>
    /// <param name="isPage">
    /// Whether it is a page by itself, the default, or a section for the body of another. Its style lies inside it
    /// either way.
    /// </param>
    public string ToHtml(bool isPage = true) =>
        new ReportSection("Adapt or not")
            .Paragraph(ToString())
            .Table(
                ["validator", "plain", "adapted", "vote for the adapted"],
                Votes.Select(it =>
                    (IEnumerable<string>)
                        [
                            it.Score,
                            ReportSection.Text(it.Plain, "G4"),
                            ReportSection.Text(it.Adapted, "G4"),
                            ReportSection.Text(it.ForAdapted, "0.#"),
                        ]
                )
            )
            .Html(isPage);

    /// <summary>The verdict as JSON, without the model.</summary>
    public string ToJson() =>
        ReportJson.Of(
            new
            {
                IsAdapted,
                Votes,
                ClassesOfPlain,
                ClassesOfAdapted,
            }
        );
}
