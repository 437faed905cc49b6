using System.Globalization;
using System.Text;

namespace TransferLearning.Theory;

/// <summary>What an <see cref="AdversarialDiagnosis"/> has seen, and what it makes of it.</summary>
public sealed class AdversarialReport
{
    internal AdversarialReport(IReadOnlyList<AdversarialEpoch> epochs, IReadOnlyList<AdversarialFinding> findings) =>
        (Epochs, Findings) = (epochs, findings);

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
