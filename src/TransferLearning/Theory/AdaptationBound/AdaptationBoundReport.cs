using System.Globalization;
using System.Text;

namespace TransferLearning.Theory;

/// <summary>The terms of the bound on the target's error, as an <see cref="AdaptationBound"/> estimated them.</summary>
public sealed class AdaptationBoundReport
{
    internal AdaptationBoundReport() { }

    /// <summary>The error on source rows that the hypothesis was not fitted to.</summary>
    public Estimate SourceError { get; internal init; }

    /// <summary>The distance of the domains, from 0 to 2; half of it counts. A lower estimate.</summary>
    public Estimate Distance { get; internal init; }

    /// <summary>How the distance was estimated.</summary>
    public BoundDistance DistanceKind { get; internal init; }

    /// <summary>
    /// The term of both sample sizes, with the VC dimension, or with the rows' Rademacher complexities where the
    /// distance is by margins.
    /// </summary>
    public double SampleSizeTerm { get; internal init; }

    /// <summary>The term of all rows with the VC dimension, for comparison where the distance is by margins.</summary>
    public double VcTerm { get; internal init; }

    /// <summary>
    /// The Rademacher complexity of the source rows that were counted; null where the distance is not by margins.
    /// </summary>
    public Estimate? SourceComplexity { get; internal init; }

    /// <summary>
    /// The Rademacher complexity of the target rows that were counted; null where the distance is not by margins.
    /// </summary>
    public Estimate? TargetComplexity { get; internal init; }

    /// <summary>The margin; null where the distance is not by margins.</summary>
    public double? Margin { get; internal init; }

    /// <summary>
    /// Lambda, the sum of both errors of a hypothesis that was fitted to both domains; null where no target row has a
    /// label.
    /// </summary>
    /// <remarks>Any hypothesis bounds the minimum from above, so it is an upper estimate.</remarks>
    public Estimate? JointError { get; internal init; }

    /// <summary>
    /// The error on the labeled target rows of the hypothesis that was fitted to the source alone: what the bound is
    /// about. Null where no target row has a label.
    /// </summary>
    public Estimate? TargetError { get; internal init; }

    /// <summary>The VC dimension that <see cref="VcTerm"/> rests on.</summary>
    public long VcDimension { get; internal init; }

    /// <summary>The confidence of the intervals.</summary>
    public double Confidence { get; internal init; }

    /// <summary>
    /// The sample size term with the interval that drawn signs leave it; one without an interval by VC dimension.
    /// </summary>
    public Estimate SampleSize
    {
        get
        {
            if (SourceComplexity is not { } ofSource || TargetComplexity is not { } ofTarget || Margin is not { } rho)
            {
                return new Estimate(SampleSizeTerm, double.NaN, double.NaN);
            }
            var both = ofSource.Plus(ofTarget).Times(2 / rho);
            return new Estimate(
                SampleSizeTerm,
                SampleSizeTerm - (both.Value - both.Lower),
                SampleSizeTerm + (both.Upper - both.Value)
            );
        }
    }

    /// <summary>
    /// What can be known without target labels and sampling: the source's error and half of the distance.
    /// </summary>
    public Estimate Knowable => SourceError.Plus(Distance.Times(0.5));

    /// <summary>The sum of all terms but the sample size's; null where lambda is not known.</summary>
    public Estimate? WithoutSampleSize => JointError is { } joint ? Knowable.Plus(joint) : null;

    /// <summary>The sum of all terms; null where lambda is not known.</summary>
    public double? Bound => WithoutSampleSize?.Value + SampleSizeTerm;

    /// <summary>Whether the known terms reach 1, so that the theorem promises nothing.</summary>
    public bool IsVacuous => (Bound ?? (Knowable.Value + SampleSizeTerm)) >= 1;

    /// <summary>A table of the terms, and what it says.</summary>
    public override string ToString()
    {
        var culture = CultureInfo.InvariantCulture;
        var text = new StringBuilder();
        var interval = string.Create(culture, $"{100 * Confidence:0.#}% interval");
        text.Append(culture, $"{"term", -34}{"estimate", -10}{interval, -18}how\n");
        Row(text, "source error", SourceError, "held-out source rows");
        Row(
            text,
            "half of the distance of domains",
            Distance.Times(0.5),
            DistanceKind switch
            {
                BoundDistance.SymmetricDifference => "pairs of hypotheses; from below",
                BoundDistance.MarginDisparity => "a rival of the hypothesis, by margins; from below",
                _ => "domain classifier, a proxy; from below",
            }
        );
        Row(
            text,
            "sample sizes",
            SampleSize,
            SourceComplexity is { } ofSource && TargetComplexity is { } ofTarget
                ? string.Create(
                    culture,
                    $"Rademacher complexity {ofSource.Value:G2} and {ofTarget.Value:G2}, margin {Margin}"
                )
                : string.Create(culture, $"VC dimension {VcDimension}")
        );
        if (SourceComplexity is not null)
        {
            Row(
                text,
                "  by VC dimension, not in the sum",
                new Estimate(VcTerm, double.NaN, double.NaN),
                string.Create(culture, $"VC dimension {VcDimension}, all rows")
            );
        }
        if (JointError is { } joint)
        {
            Row(text, "lambda, error of both at best", joint, "fitted to both domains; from above");
            Row(text, "sum", new Estimate(Bound!.Value, double.NaN, double.NaN), "");
            Row(text, "sum without sample sizes", WithoutSampleSize!.Value, "");
        }
        else
        {
            text.Append(culture, $"{"lambda, error of both at best", -34}unknown   needs labeled target rows\n");
            Row(text, "sum of what is known", Knowable, "without sample sizes and lambda");
        }
        if (TargetError is { } measured)
        {
            Row(text, "target error, measured", measured, "labeled target rows, source hypothesis");
        }
        return text.Append(Words()).ToString();
    }

    private string Words()
    {
        var (source, half) = (SourceError.Value, Distance.Value / 2);
        var joint = JointError?.Value ?? 0;
        var largest =
            Math.Max(joint, Math.Max(source, half)) <= 0
                ? "No term that is known is above 0: by these rows nothing stands in the way."
            : joint > Math.Max(source, half)
                ? "The largest term is lambda: no hypothesis of this kind serves both domains.\n"
                    + "Change the features or the hypotheses; aligning the inputs cannot help."
            : half > source
                ? "The larger term is the distance: the inputs differ where hypotheses disagree.\n"
                    + "Weighting, mapping or an adversary can lower it; watch that lambda does not grow."
            : "The larger term is the source's error: improve the model on the source first.";
        return IsVacuous
            ? largest + "\nThe bound promises nothing at these sample sizes: compare terms, it is no error to expect."
            : largest;
    }

    private static void Row(StringBuilder text, string term, Estimate value, string how)
    {
        var culture = CultureInfo.InvariantCulture;
        var interval = double.IsNaN(value.Lower) ? "" : string.Create(culture, $"[{value.Lower:F3}, {value.Upper:F3}]");
        text.Append(string.Create(culture, $"{term, -34}{value.Value, -10:F3}{interval, -18}{how}").TrimEnd());
        text.Append('\n');
    }
}
