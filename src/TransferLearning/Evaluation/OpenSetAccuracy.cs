using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>How well rows of known classes are read, and how well rows of other classes are called unknown.</summary>
/// <remarks>
/// <para>
/// With C known classes, class number C and above is "unknown", in predictions and in labels. OS* is the mean of the
/// accuracies of the known classes that occur, UNK the share of unknown rows that are called unknown, OS the mean over
/// both, each class counting alike, and <c>HOS = 2 OS* UNK / (OS* + UNK)</c>, 0 where both are 0 (Bucci, Loghmani and
/// Tommasi 2020, "On the Effectiveness of Image Rotation for Open Set Domain Adaptation"). Look at HOS: who never says
/// "unknown" has a fine OS and an HOS of 0.
/// </para>
/// <para>
/// UNK has Wilson's interval. The others have <c>+- z sqrt(v)</c> within 0 and 1: v is that of a mean of independent
/// class accuracies, each of variance <c>q (1 - q) / (n + 4)</c> with <c>q = (k + 2) / (n + 4)</c> (Agresti and Coull
/// 1998), and of their harmonic mean to first order.
/// </para>
/// </remarks>
/// <param name="Known">OS*.</param>
/// <param name="Unknown">UNK.</param>
/// <param name="Overall">OS.</param>
/// <param name="Harmonic">HOS.</param>
public readonly record struct OpenSetAccuracy(
    AccuracyInterval Known,
    AccuracyInterval Unknown,
    AccuracyInterval Overall,
    AccuracyInterval Harmonic
)
{
    /// <summary>The accuracies of some predictions.</summary>
    /// <param name="predicted">
    /// Scores, the last of unknown, <c>[n, C + 1]</c>, or class numbers, int64 <c>[n]</c>.
    /// </param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>; C and above are unknown classes.</param>
    /// <param name="known">The number of known classes C, at least 1.</param>
    /// <param name="confidence">The intervals' confidence, from 0 to below 1. Default 0.95.</param>
    /// <exception cref="ArgumentException">
    /// No row is of a known class, or none of an unknown one; the shapes do not go together, or a score is NaN.
    /// </exception>
    public static OpenSetAccuracy Of(Tensor predicted, Tensor labels, long known, double confidence = 0.95)
    {
        Guard.Alive(predicted);
        Guard.Alive(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(known, 1);
        Guard.InRange(confidence, 0, 1);
        using var scope = NewDisposeScope();
        var classes = Classes.Of(predicted);
        Classes.Check(classes, labels);
        var truth = labels.to(classes.device).clamp_max(known);
        var isRight = classes.clamp_max(known).eq(truth);
        var counts = truth.bincount(null, known + 1).cpu().data<long>().ToArray();
        var rights = truth.bincount(isRight.to(float64), known + 1).cpu().data<double>().ToArray();
        var occurring = Enumerable.Range(0, (int)known).Where(c => counts[c] > 0).ToArray();
        var (unknown, n) = (counts[known], truth.shape[0]);
        if (occurring.Length == 0 || unknown == 0)
        {
            throw new ArgumentException(
                $"labels must be of known classes (below {known}) and of unknown ones; {n - unknown} row(s) are of "
                    + $"known classes and {unknown} of unknown ones.",
                nameof(labels)
            );
        }
        var z = WilsonInterval.Quantile(confidence);
        double Variance(int c)
        {
            var q = (rights[c] + 2) / (counts[c] + 4);
            return q * (1 - q) / (counts[c] + 4);
        }
        AccuracyInterval Around(double value, double variance, long count)
        {
            var half = z * Math.Sqrt(variance);
            return new AccuracyInterval(value, Math.Max(0, value - half), Math.Min(1, value + half), count);
        }
        var m = (double)occurring.Length;
        var (star, ofStar) = (occurring.Sum(c => rights[c] / counts[c]) / m, occurring.Sum(c => Variance(c)) / (m * m));
        var unk = AccuracyInterval.Of((long)rights[known], unknown, confidence);
        var ofUnknown = Variance((int)known);
        var sum = star + unk.Value;
        var (harmonic, ofHarmonic) =
            sum == 0
                ? (0, (ofStar + ofUnknown) / 4)
                : (
                    2 * star * unk.Value / sum,
                    4 * ((Math.Pow(unk.Value, 4) * ofStar) + (Math.Pow(star, 4) * ofUnknown)) / Math.Pow(sum, 4)
                );
        return new OpenSetAccuracy(
            Around(star, ofStar, n - unknown),
            unk,
            Around(((m * star) + unk.Value) / (m + 1), ((m * m * ofStar) + ofUnknown) / ((m + 1) * (m + 1)), n),
            Around(harmonic, ofHarmonic, n)
        );
    }

    /// <inheritdoc />
    public override string ToString() => $"OS* {Known}, UNK {Unknown}, OS {Overall}, HOS {Harmonic}";
}
