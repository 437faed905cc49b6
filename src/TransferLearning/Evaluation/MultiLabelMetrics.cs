using System.Globalization;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>How well labels of which a row may have any were predicted.</summary>
/// <remarks>
/// With true positives t, false positives p and false negatives m of a label, its F1 is <c>2 t / (2 t + p + m)</c>, 0
/// of 0 counting as 0. Macro F1 is the mean of the labels' F1, micro F1 that of their counts summed: common labels lead
/// it. Average precision is scikit-learn's, which takes rows of equal scores together; labels that no row has are left
/// out of its mean. Computed in float64.
/// </remarks>
/// <param name="ExactMatch">The share of rows with every label right, with its interval (subset accuracy).</param>
/// <param name="HammingLoss">The share of all labels of all rows that are wrong.</param>
/// <param name="MicroF1">F1 of the counts of all labels together.</param>
/// <param name="MacroF1">The mean of the labels' F1.</param>
/// <param name="MeanAveragePrecision">
/// mAP, the mean of the labels' average precisions; NaN where no row has any label.
/// </param>
/// <param name="Labels">The figures of each label, by its number.</param>
public readonly record struct MultiLabelMetrics(
    AccuracyInterval ExactMatch,
    double HammingLoss,
    double MicroF1,
    double MacroF1,
    double MeanAveragePrecision,
    IReadOnlyList<LabelMetrics> Labels
)
{
    /// <summary>Measures some predictions.</summary>
    /// <param name="probabilities">
    /// A score for each label of each row, <c>[n, k]</c>, the larger the likelier: what
    /// <see cref="AdaptedModel.PredictProbabilities"/> gives.
    /// </param>
    /// <param name="labels">0 or 1 for each label of each row, <c>[n, k]</c> of any dtype, bool included.</param>
    /// <param name="threshold">The least score of a label that is given. Default 0.5.</param>
    /// <exception cref="ArgumentException">
    /// The shapes do not go together, there is no row, a score is NaN, or the labels are not 0 and 1.
    /// </exception>
    public static MultiLabelMetrics Of(Tensor probabilities, Tensor labels, double threshold = 0.5)
    {
        Guard.Rows(probabilities);
        Guard.Numbers(probabilities);
        Guard.Alive(labels);
        Guard.Finite(threshold);
        if (!labels.shape.SequenceEqual(probabilities.shape))
        {
            throw new ArgumentException(
                $"labels must be 0 or 1, {Shape.Text(probabilities.shape)} as the probabilities; got "
                    + $"{Shape.Of(labels)}.",
                nameof(labels)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var scores = probabilities.to(float64);
        var truth = labels.to(scores.device).to(float64);
        if (truth.eq(0).logical_or(truth.eq(1)).logical_not().any().ToBoolean())
        {
            throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"labels must be 0 or 1; found others from {truth.min().ToDouble():G4} to "
                        + $"{truth.max().ToDouble():G4}."
                ),
                nameof(labels)
            );
        }
        var given = scores.ge(threshold).to(float64);
        var (n, k) = (scores.shape[0], scores.shape[1]);
        var right = given.eq(truth);
        var ranking = Ranking.Of(scores.t(), truth.t());
        var figures = stack([(given * truth).sum([0L]), given.sum([0L]), truth.sum([0L]), ranking.Precisions], 1).cpu();
        var (rows, all) = (figures.contiguous().data<double>().ToArray(), new LabelMetrics[k]);
        var (hits, guesses, truths) = (0.0, 0.0, 0.0);
        for (var label = 0; label < k; label++)
        {
            var (hit, guess, support) = (rows[4 * label], rows[(4 * label) + 1], rows[(4 * label) + 2]);
            (hits, guesses, truths) = (hits + hit, guesses + guess, truths + support);
            all[label] = new LabelMetrics(
                Share(hit, guess),
                Share(hit, support),
                Share(2 * hit, guess + support),
                support > 0 ? rows[(4 * label) + 3] : double.NaN,
                (long)support
            );
        }
        var ranked = all.Where(label => label.Support > 0).Select(label => label.AveragePrecision).ToList();
        return new MultiLabelMetrics(
            AccuracyInterval.Of(right.all(1).sum().ToInt64(), n),
            1 - right.to(float64).mean().ToDouble(),
            Share(2 * hits, guesses + truths),
            all.Average(label => label.F1),
            ranked.Count > 0 ? ranked.Average() : double.NaN,
            all
        );
    }

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"mAP {MeanAveragePrecision:F3}, F1 micro {MicroF1:F3}, macro {MacroF1:F3}, Hamming loss {HammingLoss:F3}, "
                + $"exact match {ExactMatch}"
        );

    private static double Share(double part, double whole) => whole > 0 ? part / whole : 0;
}
