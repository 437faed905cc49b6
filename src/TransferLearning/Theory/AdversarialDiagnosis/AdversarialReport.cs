using System.Globalization;
using System.Text;
using TransferLearning.Internal;

namespace TransferLearning.Theory;

/// <summary>What an <see cref="AdversarialDiagnosis"/> has seen, and what it makes of it.</summary>
public sealed class AdversarialReport
{
    private readonly double guessLoss;

    internal AdversarialReport(
        IReadOnlyList<AdversarialEpoch> epochs,
        IReadOnlyList<AdversarialFinding> findings,
        double guessLoss
    ) => (Epochs, Findings, this.guessLoss) = (epochs, findings, guessLoss);

    /// <summary>The epochs of the stage that was judged, in order.</summary>
    public IReadOnlyList<AdversarialEpoch> Epochs { get; }

    /// <summary>What is wrong, the likeliest cause first; empty where nothing was found, or nothing was seen.</summary>
    public IReadOnlyList<AdversarialFinding> Findings { get; }

    /// <summary>Whether epochs were seen and nothing is wrong with them.</summary>
    public bool IsHealthy => Epochs.Count > 0 && Findings.Count == 0;

    /// <summary>Whether something of that kind was found.</summary>
    public bool Has(AdversarialSymptom symptom) => Findings.Any(finding => finding.Symptom == symptom);

    /// <summary>The report in plain words: the findings with their remedies, then a line for each epoch.</summary>
    public override string ToString()
    {
        if (Epochs.Count == 0)
        {
            return "No epoch of an adversarial training has been seen: put the diagnosis into FitOptions.Observers, "
                + "and give it the number of the stage that has the critic.";
        }
        var text = new StringBuilder();
        if (Findings.Count == 0)
        {
            text.Append(
                "Nothing is wrong with the game of critic and extractor. That domains meet does not say that "
                    + "classes do: judge the target's accuracy by another measure.\n"
            );
        }
        for (var i = 0; i < Findings.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{i + 1}. {Findings[i]}\n");
        }
        foreach (var epoch in Epochs)
        {
            text.Append(Line(epoch)).Append('\n');
        }
        return text.ToString().TrimEnd('\n');
    }

    /// <summary>
    /// The report as HTML: the findings with their remedies, then curves over the epochs: how often the critic is
    /// right, the gradients' norms, the A-distance, the labels that are learned and the classes in use, and each
    /// objective.
    /// </summary>
    /// <param name="isPage">
    /// Whether it is a page by itself, the default, or a section for the body of another. Style and pictures lie inside
    /// it either way.
    /// </param>
    public string ToHtml(bool isPage = true)
    {
        var section = new ReportSection("The game of critic and extractor");
        if (Epochs.Count == 0)
        {
            return section.Paragraph(ToString()).Html(isPage);
        }
        if (IsHealthy)
        {
            section.Paragraph(ToString().Split('\n')[0]);
        }
        else
        {
            section.List(Findings.Select(finding => finding.ToString()));
        }
        Curves(
            section,
            "Share of rows on which the critic is right",
            0.5,
            ("source", epoch => epoch.CriticOnSource),
            ("target", epoch => epoch.CriticOnTarget)
        );
        Curves(
            section,
            "Norm of the gradients at the source's features",
            0,
            ("adversarial", epoch => epoch.AdversarialGradient),
            ("task", epoch => epoch.TaskGradient)
        );
        Curves(section, "A-distance of the features", 0, ("A-distance", epoch => epoch.Separability));
        Curves(
            section,
            "Labels learned, and entropy of the target's mean prediction as a share of the source's classes'",
            1,
            ("labels", epoch => epoch.LabelsLearned),
            ("evenness", epoch => epoch.TargetEvenness)
        );
        Curves(section, "The critic's loss; the line is guessing", guessLoss, ("loss", it => it.CriticLoss));
        Curves(
            section,
            "Mean of each objective, before weighting",
            0,
            [
                .. Epochs
                    .SelectMany(epoch => epoch.Objectives.Keys)
                    .Distinct(StringComparer.Ordinal)
                    .Select(name =>
                        (
                            name,
                            (Func<AdversarialEpoch, double>)(
                                epoch => epoch.Objectives.TryGetValue(name, out var value) ? value : double.NaN
                            )
                        )
                    ),
            ]
        );
        var last = Epochs[^1];
        return section
            .Table(
                ["after the last epoch", "value"],
                [
                    ["critic right on the source", ReportSection.Text(last.CriticOnSource, "0%")],
                    ["critic right on the target", ReportSection.Text(last.CriticOnTarget, "0%")],
                    ["adversarial gradient over the task's", ReportSection.Text(last.GradientRatio)],
                    ["labels learned", ReportSection.Text(last.LabelsLearned, "0%")],
                    [
                        "classes that the target is read as",
                        last.SourceClasses == 0 ? "–" : $"{last.PredictedClasses} of {last.SourceClasses}",
                    ],
                    ["A-distance, at most 2", ReportSection.Text(last.Separability)],
                ]
            )
            .Html(isPage);
    }

    // What is not known has no point; a picture without points is left out.
    private void Curves(
        ReportSection section,
        string name,
        double mark,
        params IReadOnlyList<(string Name, Func<AdversarialEpoch, double> Of)> curves
    )
    {
        var lines = curves
            .Select(curve =>
                (
                    curve.Name,
                    Points: (IReadOnlyList<(double X, double Y, double Low, double High)>)
                        [
                            .. Epochs
                                .Select(epoch => (X: (double)epoch.Epoch, Y: curve.Of(epoch)))
                                .Where(point => double.IsFinite(point.Y))
                                .Select(point => (point.X, point.Y, point.Y, point.Y)),
                        ]
                )
            )
            .Where(line => line.Points.Count > 0)
            .ToList();
        if (lines.Count > 0)
        {
            section.Paragraph($"{name}.").Lines(name, "epoch", lines, mark);
        }
    }

    internal static string Line(AdversarialEpoch epoch)
    {
        var curves = string.Concat(
            epoch.Objectives.Select(curve =>
                string.Create(CultureInfo.InvariantCulture, $"; {curve.Key} {curve.Value:0.####}")
            )
        );
        var classes =
            epoch.SourceClasses == 0
                ? ""
                : $", target read as {epoch.PredictedClasses} of {epoch.SourceClasses} classes";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"epoch {epoch.Epoch}: critic right on {epoch.CriticOnSource:0%} of the source and "
                + $"{epoch.CriticOnTarget:0%} of the target, loss {epoch.CriticLoss:0.###}; gradients at the "
                + $"features {epoch.AdversarialGradient:0.####} adversarial, {epoch.TaskGradient:0.####} task; "
                + $"labels {epoch.LabelsLearned:0%} learned{classes}; A-distance {epoch.Separability:0.##}{curves}"
        );
    }
}
