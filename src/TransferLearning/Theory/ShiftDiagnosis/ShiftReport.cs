using System.Globalization;
using System.Text;
using TransferLearning.Internal;

namespace TransferLearning.Theory;

/// <summary>What kind of shift a <see cref="ShiftDiagnosis"/> has seen, and what suits it.</summary>
public sealed class ShiftReport
{
    internal ShiftReport() { }

    /// <summary>
    /// How well a classifier tells held-out rows of the domains apart: a lower bound of the total variation, 0 where it
    /// cannot, 1 where it never errs.
    /// </summary>
    public Estimate Inputs { get; internal init; }

    /// <summary>The domain classifier's balanced error on held-out rows, <c>(1 - bound) / 2</c>.</summary>
    public Estimate DomainError => new Estimate(0.5, 0.5, 0.5).Minus(Inputs.Times(0.5));

    /// <summary>The p-value of the kernel two-sample test of all rows, of which a part is drawn.</summary>
    public double InputPValue { get; internal init; }

    /// <summary>The features that differ most by themselves, the most telling first.</summary>
    public IReadOnlyList<FeatureShift> Features { get; internal init; } = [];

    /// <summary>The total variation of a feature that chance alone gives.</summary>
    public double FeatureNoise { get; internal init; }

    /// <summary>Every class: its shares and how its rows differ.</summary>
    public IReadOnlyList<ClassShift> Classes { get; internal init; } = [];

    /// <summary>
    /// The share of the source's rows that is left in effect when they are weighed to the target, from 0 to 1.
    /// </summary>
    public double Overlap { get; internal init; }

    /// <summary>The confidence of intervals and tests.</summary>
    public double Confidence { get; internal init; }

    internal double LeastShift { get; init; }

    internal double LeastOverlap { get; init; }

    /// <summary>The total variation of the source's class shares and those that likelihood estimates.</summary>
    public double LabelShift => Classes.Sum(c => Math.Abs(c.LikelihoodShare - c.SourceShare)) / 2;

    /// <summary>
    /// Whether the inputs differ by enough, as the classifier or the most telling feature sees it (less what chance
    /// gives), and by more than chance, as the classifier's interval or the kernel test says.
    /// </summary>
    public bool HasInputShift =>
        Math.Max(Inputs.Value, (Features is [var most, ..] ? most.TotalVariation : 0) - FeatureNoise) >= LeastShift
        && (Inputs.Lower > 0 || InputPValue <= 1 - Confidence);

    /// <summary>Whether the estimated class shares differ enough.</summary>
    public bool HasLabelShift => LabelShift >= LeastShift;

    /// <summary>
    /// The classes whose rows differ between the domains: their p-values, times the number of tests (Bonferroni), are
    /// at most <c>1 - Confidence</c>.
    /// </summary>
    public IReadOnlyList<int> ShiftedClasses =>
        [.. Tested.Where(c => c.PValue * Tested.Count() <= 1 - Confidence).Select(c => c.Class)];

    /// <summary>Whether weighting would leave too few rows.</summary>
    public bool HasLittleOverlap => Overlap < LeastOverlap;

    private IEnumerable<ClassShift> Tested => Classes.Where(c => !double.IsNaN(c.PValue));

    /// <summary>What was found and which families of methods suit, a sentence or two each.</summary>
    public IReadOnlyList<string> Advice => [.. Sentences()];

    /// <summary>The figures, then the advice.</summary>
    public override string ToString()
    {
        var culture = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        text.Append(culture, $"inputs: total variation at least {Inputs}, domain classifier's error {DomainError}; ");
        text.Append(culture, $"two-sample test p = {InputPValue:G2}\n");
        foreach (var feature in Features)
        {
            text.Append(culture, $"  {feature}\n");
        }
        text.Append(culture, $"  (chance alone: total variation {FeatureNoise:F2})\n");
        text.Append(culture, $"classes: total variation of shares {LabelShift:F2}\n");
        foreach (var one in Classes)
        {
            text.Append(culture, $"  {one}\n");
        }
        text.Append(culture, $"overlap: weighed to the target, {Overlap:0%} of the source's rows are left in effect\n");
        return text.AppendJoin('\n', Advice.Select((sentence, i) => $"{i + 1}. {sentence}")).ToString();
    }

    /// <summary>The report as HTML: the advice, the figures, and a picture of the most telling features.</summary>
    /// <param name="featureNames">The features' names, one for each column; null to number them.</param>
    /// <param name="isPage">
    /// Whether it is a page by itself, the default, or a section for the body of another. Style and pictures lie inside
    /// it either way.
    /// </param>
    /// <exception cref="ArgumentException">There is no name for a feature of the report.</exception>
    public string ToHtml(IReadOnlyList<string>? featureNames = null, bool isPage = true)
    {
        Check(featureNames);
        return new ReportSection("Shift between the domains")
            .List(Advice)
            .Table(
                ["what differs", "measure", "value"],
                [
                    ["inputs", "total variation, at least", $"{Inputs}"],
                    ["inputs", "error of the domain classifier", $"{DomainError}"],
                    ["inputs", "p of the two-sample test", ReportSection.Text(InputPValue)],
                    ["classes", "total variation of the shares", ReportSection.Text(LabelShift)],
                    ["overlap", "share of source rows left in effect", ReportSection.Text(Overlap)],
                ]
            )
            .Paragraph("The features that differ most by themselves: the total variation; the line is chance alone.")
            .Bars(
                "Total variation of the most telling features",
                [.. Features.Select(it => (Name(it, featureNames), it.TotalVariation, ((double, double)?)null))],
                1,
                FeatureNoise
            )
            .Table(
                ["class", "share of the source", "of the target (BBSE)", "(MLLS)", "p of its rows' test"],
                Classes.Select(it =>
                    (IEnumerable<string>)
                        [
                            $"{it.Class}",
                            ReportSection.Text(it.SourceShare),
                            ReportSection.Text(it.BlackBoxShare),
                            ReportSection.Text(it.LikelihoodShare),
                            ReportSection.Text(it.PValue),
                        ]
                )
            )
            .Html(isPage);
    }

    /// <summary>All figures and the advice as JSON; a number that is not known is null.</summary>
    /// <param name="featureNames">The features' names, one for each column; null to number them.</param>
    /// <exception cref="ArgumentException">There is no name for a feature of the report.</exception>
    public string ToJson(IReadOnlyList<string>? featureNames = null)
    {
        Check(featureNames);
        return ReportJson.Of(
            new
            {
                Inputs,
                DomainError,
                InputPValue,
                FeatureNoise,
                Features = Features.Select(it => new
                {
                    Name = Name(it, featureNames),
                    it.Feature,
                    it.TotalVariation,
                    it.MeanDifference,
                }),
                LabelShift,
                Classes,
                Overlap,
                Confidence,
                HasInputShift,
                HasLabelShift,
                HasLittleOverlap,
                ShiftedClasses,
                Advice,
            }
        );
    }

    private static string Name(FeatureShift feature, IReadOnlyList<string>? names) =>
        names is null ? $"feature {feature.Feature}" : names[feature.Feature];

    private void Check(IReadOnlyList<string>? names)
    {
        var least = Features.Select(feature => feature.Feature + 1).DefaultIfEmpty(0).Max();
        if (names is not null && names.Count < least)
        {
            throw new ArgumentException(
                $"featureNames must name every column, at least {least}; got {names.Count}.",
                "featureNames"
            );
        }
    }

    private IEnumerable<string> Sentences()
    {
        var shifted = ShiftedClasses;
        if (!HasInputShift && !HasLabelShift && shifted.Count == 0)
        {
            yield return "No shift is seen: train on the source as it is. A change of labels, or one that this "
                + "classifier cannot see, is not excluded.";
            yield break;
        }
        if (HasLabelShift)
        {
            yield return "The class shares differ: weigh by class (BBSE, MLLS). Methods that bring the inputs together "
                + "as a whole (CORAL, MMD, DANN) would mix classes.";
        }
        // Other class shares alone make other inputs; what is within the classes tells the two apart.
        if (shifted.Count > 0 || (HasInputShift && !HasLabelShift))
        {
            yield return Inputs.Lower <= 0
                ? "The inputs differ in a way that the domain classifier does not see, so that the overlap is not "
                    + "known: give another Classifier, a decision tree for instance."
            : HasLittleOverlap
                ? "The inputs differ and hardly overlap, so that weights would rest on few rows: map the features "
                    + "(CORAL, transfer components, optimal transport), or train a network with an adversary (DANN)."
            : "The inputs differ and overlap: weigh the source's rows (KMM, KLIEP, logistic weights), which leaves "
                + "features and labels as they are.";
        }
        if (shifted.Count > 0 && (HasLabelShift || shifted.Count < Tested.Count()))
        {
            yield return $"The rows of class {string.Join(", ", shifted)} differ between the domains: match class by "
                + "class (JDA, local MMD, class-regularized transport, conditional adversaries, pseudo-labels).";
        }
        yield return "Shares and class rows rest on the source's classifier. A few labeled target rows would show a "
            + "change of labels: cross-labeling, or lambda of the bound.";
    }
}
