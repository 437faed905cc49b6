using System.Globalization;
using System.Text;

namespace TransferLearning.Theory;

/// <summary>
/// The terms of theorem 1 of Ben-David et al. 2010, as an <see cref="AdaptationBound"/> estimated them: the source's
/// error, the domains' distance over all sets of rows, the change of the labels.
/// </summary>
public sealed class FirstTheoremReport
{
    internal FirstTheoremReport() { }

    /// <summary>The error <c>e_S(h)</c> on source rows that the hypothesis was not fitted to.</summary>
    public Estimate SourceError { get; internal init; }

    /// <summary>The total variation of the domains, from 0 to 1; twice it counts. A lower estimate.</summary>
    public Estimate Variation { get; internal init; }

    /// <summary>
    /// The change of the labels on source rows, <c>E_S |f_S - f_T|</c>: how often a labeler of the target contradicts
    /// the source's labels; null where no target row has a label.
    /// </summary>
    public Estimate? SourceGap { get; internal init; }

    /// <summary>
    /// The change of the labels on target rows, <c>E_T |f_S - f_T|</c>: how often a labeler of the source contradicts
    /// the target's labels; null where no target row has a label.
    /// </summary>
    /// <remarks>
    /// The labeler is the hypothesis of the bound as well, so that this is its measured error on the target.
    /// </remarks>
    public Estimate? TargetGap { get; internal init; }

    /// <summary>
    /// The target's labeler on target rows that it was not fitted to, what <see cref="SourceGap"/> holds beside a
    /// change of the labels, if it errs on the source as it does at home; null where no target row has a label.
    /// </summary>
    public Estimate? TargetLabelerError { get; internal init; }

    /// <summary>
    /// The confidence of the intervals. Those of sums take the terms as of rows of their own, which they share in part:
    /// where rows that are hard for one term are hard for another, they are too narrow.
    /// </summary>
    public double Confidence { get; internal init; }

    /// <summary>The smaller one of the two changes of the labels, which makes the bound; null where unknown.</summary>
    public Estimate? LabelGap =>
        SourceGap is { } ofSource && TargetGap is { } ofTarget
            ? ofSource.Value <= ofTarget.Value
                ? ofSource
                : ofTarget
            : null;

    /// <summary>What can be known without target labels: the source's error and twice the total variation.</summary>
    public Estimate Knowable => SourceError.Plus(Variation.Times(2));

    /// <summary>The sum of all terms; null where the change of the labels is not known.</summary>
    public Estimate? Bound => LabelGap is { } gap ? AdaptationBound.FirstTheorem(SourceError, Variation, gap) : null;

    /// <summary>Whether the known terms reach 1, so that the theorem promises nothing.</summary>
    public bool IsVacuous => (Bound ?? Knowable).Value >= 1;

    /// <summary>A table of the terms, and what it says.</summary>
    public override string ToString()
    {
        var culture = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        var interval = string.Create(culture, $"{100 * Confidence:0.#}% interval");
        text.Append(culture, $"{"term", -34}{"estimate", -10}{interval, -18}how\n");
        Row(text, "source error", SourceError, "held-out source rows");
        Row(text, "twice the total variation", Variation.Times(2), "domain classifier; from below");
        if (SourceGap is { } ofSource && TargetGap is { } ofTarget && Bound is { } sum)
        {
            Row(text, "change of labels, source rows", ofSource, "target's labeler against their labels");
            Row(text, "change of labels, target rows", ofTarget, "source's labeler against their labels");
            Row(text, "sum, with the smaller change", sum, "");
            Row(text, "target's labeler, at home", TargetLabelerError!.Value, "held-out target rows");
        }
        else
        {
            text.Append(culture, $"{"change of labels", -34}unknown   needs labeled target rows\n");
            Row(text, "sum of what is known", Knowable, "without the change of labels");
        }
        return text.Append(Words()).ToString();
    }

    private string Words()
    {
        var (source, twice, gap) = (SourceError.Value, 2 * Variation.Value, LabelGap?.Value ?? 0);
        var largest =
            Math.Max(source, Math.Max(twice, gap)) <= 0
                ? "No term that is known is above 0: by these rows nothing stands in the way."
            : gap > Math.Max(source, twice)
                ? "The largest term is the change of the labels: compare it with the labelers' own errors.\n"
                    + "What is more than those no change of the inputs can lower."
            : twice > source
                ? "The larger term is the distance, over every set of rows: theorem 2 counts only sets where\n"
                    + "hypotheses disagree, and may be the smaller bound."
            : "The larger term is the source's error: improve the model on the source first.";
        return IsVacuous ? largest + "\nThe known terms reach 1: the theorem promises nothing here." : largest;
    }

    private static void Row(StringBuilder text, string term, Estimate value, string how)
    {
        var culture = CultureInfo.InvariantCulture;
        var interval = string.Create(culture, $"[{value.Lower:F3}, {value.Upper:F3}]");
        text.Append(string.Create(culture, $"{term, -34}{value.Value, -10:F3}{interval, -18}{how}").TrimEnd());
        text.Append('\n');
    }
}
