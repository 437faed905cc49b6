using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Theory;

/// <summary>Whether two domains label alike: one labeler of each reads the same rows.</summary>
/// <remarks>
/// A learner is fitted to the source's labels, another to the few labels of the target, and both read the same rows.
/// Their disagreement estimates <c>E |f_S(x) - f_T(x)|</c> on those rows, the part of the bound that no change of the
/// inputs can lower (Ben-David, Blitzer, Crammer, Kulesza, Pereira and Vaughan 2010, theorem 1). It holds the labelers'
/// own errors too: compare it with their errors on held-out rows, and with few target labels expect a gap. Cohen's
/// kappa takes out what chance would agree on (Cohen 1960, "A Coefficient of Agreement for Nominal Scales").
/// </remarks>
public sealed record CrossLabeling
{
    /// <summary>The learner of the source's labels. Default logistic regression.</summary>
    public ILabelLearner Learner { get; init; } = new LogisticRegression();

    /// <summary>The learner of the target's few labels; null, the default, is the same.</summary>
    public ILabelLearner? TargetLearner { get; init; }

    /// <summary>The confidence of the intervals, from 0 to below 1. Default 0.95.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Confidence { get; init; } = 0.95;

    /// <summary>Compares the labelers of two domains.</summary>
    /// <param name="source">Labeled source rows <c>[n, d]</c>, classes.</param>
    /// <param name="labeledTarget">A few labeled target rows.</param>
    /// <param name="common">
    /// The rows that both read: best such as both domains have, and none that a labeler was fitted to.
    /// </param>
    /// <returns>The report.</returns>
    public CrossLabelingReport Of(LabeledDomain source, LabeledDomain labeledTarget, UnlabeledDomain common)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(labeledTarget);
        ArgumentNullException.ThrowIfNull(common);
        Guard.Pair(source.Inputs, common.Inputs, sourceName: nameof(source), targetName: nameof(common));
        TheoryChecks.Classes(source, nameof(source));
        TheoryChecks.Alike(source, labeledTarget, nameof(source), nameof(labeledTarget));
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var bySource = CrossFit.Read(Learner, source, common.Inputs);
        var byTarget = CrossFit.Read(TargetLearner ?? Learner, labeledTarget, common.Inputs);
        return new CrossLabelingReport
        {
            Agreement = Estimate.OfShare(bySource.eq(byTarget).sum().ToInt64(), common.Count, Confidence),
            Kappa = Kappa(bySource, byTarget, Confidence),
            Rows = common.Count,
            Confidence = Confidence,
        };
    }

    /// <summary>Cohen's kappa of two labelings, <c>(p_o - p_e) / (1 - p_e)</c>.</summary>
    /// <remarks>
    /// <c>p_o</c> is the share of rows with one label, <c>p_e = sum_c p_1(c) p_2(c)</c> what independent labelers of
    /// the same class shares would agree on. The interval takes Cohen's standard error <c>sqrt(p_o (1 - p_o) / n) / (1
    /// - p_e)</c> and the normal quantile. NaN where both name one and the same class throughout.
    /// </remarks>
    /// <param name="predicted">Class numbers, int64 <c>[n]</c>.</param>
    /// <param name="expected">The other labeling of the same rows.</param>
    /// <param name="confidence">The confidence of the interval, from 0 to below 1. Default 0.95.</param>
    /// <returns>1 for equal labelings, 0 for independent ones, at least -1.</returns>
    /// <exception cref="ArgumentException">They are not class numbers of the same rows.</exception>
    public static Estimate Kappa(Tensor predicted, Tensor expected, double confidence = 0.95)
    {
        Guard.Alive(predicted);
        Guard.Alive(expected);
        Guard.InRange(confidence, 0, 1);
        if (
            predicted.dim() != 1
            || expected.dim() != 1
            || predicted.shape[0] != expected.shape[0]
            || predicted.shape[0] == 0
            || predicted.dtype != int64
            || expected.dtype != int64
        )
        {
            throw new ArgumentException(
                $"predicted and expected must be class numbers, int64 [n], of the same rows; got "
                    + $"{Shape.Of(predicted)} and {Shape.Of(expected)}.",
                nameof(expected)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var other = expected.to(predicted.device);
        var n = (double)predicted.shape[0];
        var classes = Math.Max(predicted.max().ToInt64(), other.max().ToInt64()) + 1;
        var agreed = predicted.eq(other).sum().ToInt64() / n;
        var byChance = (Shares(predicted, classes) * Shares(other, classes)).sum().item<double>();
        if (byChance >= 1)
        {
            return new Estimate(double.NaN, double.NaN, double.NaN);
        }
        var kappa = (agreed - byChance) / (1 - byChance);
        var half = WilsonInterval.Quantile(confidence) * Math.Sqrt(agreed * (1 - agreed) / n) / (1 - byChance);
        return new Estimate(kappa, Math.Max(-1, kappa - half), Math.Min(1, kappa + half));
    }

    private static Tensor Shares(Tensor labels, long classes) =>
        labels.bincount(null, classes).to(float64) / labels.shape[0];
}
