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
    /// <summary>
    /// Whether <see cref="Model"/> is the mean of both models' class probabilities; its features are those of
    /// both, side by side.
    /// </summary>
    public bool IsMixture { get; init; }

    /// <summary>
    /// The share of the target's rows that both models read differently: the most accuracy, up or down, that the choice
    /// between them can be worth. NaN where nobody looked.
    /// </summary>
    public double Disagreement { get; init; } = double.NaN;

    /// <summary>
    /// The reject option: sets of classes by the model that was kept, calibrated on labeled source rows; rows that it
    /// cannot tell to be of one class are refused.
    /// </summary>
    /// <param name="calibration">
    /// Labeled rows of the source that no fit has seen, without weights: a few hundred.
    /// </param>
    /// <param name="target">Rows of the domain that the sets are for.</param>
    /// <param name="prediction">Confidence and weights; null for the defaults.</param>
    /// <returns>What makes the sets; the caller disposes it, before the verdict.</returns>
    /// <exception cref="ArgumentException">
    /// The calibration's labels are not the model's classes, or it has weights.
    /// </exception>
    public ConformalPredictor Rejecting(
        LabeledDomain calibration,
        UnlabeledDomain target,
        ConformalPrediction? prediction = null
    ) => (prediction ?? new ConformalPrediction()).Fit(Model, calibration, target);

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
            $"{Kept}: "
                + $"{Votes.Sum(vote => vote.ForAdapted):G2} of {Votes.Count} votes for the adapted one ({votes}); it "
                + $"predicts {ClassesOfAdapted:F1} classes, the plain one {ClassesOfPlain:F1}.{AtStake}"
        );
    }

    private string AtStake =>
        double.IsNaN(Disagreement)
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $" They read {100 * Disagreement:F0} % of the rows differently: that is the most accuracy that the "
                    + $"choice can cost or gain."
            );

    private string Kept =>
        IsMixture ? "The mean of both models is kept"
        : IsAdapted ? "The adapted model is kept"
        : "The model without adaptation is kept";

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
                IsMixture,
                Votes,
                ClassesOfPlain,
                ClassesOfAdapted,
                Disagreement,
            }
        );
}
