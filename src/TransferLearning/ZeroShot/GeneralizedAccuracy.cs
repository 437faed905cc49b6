using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>How well rows of seen and of unseen classes are read when they may be of either kind.</summary>
/// <remarks>
/// The accuracy of each class is averaged over the classes of its kind that occur, and <c>H = 2 s u / (s + u)</c>, 0
/// where both are 0: who reads only one kind gets 0 (Xian, Lampert, Schiele and Akata 2019, "Zero-Shot Learning: A
/// Comprehensive Evaluation of the Good, the Bad and the Ugly", equations 16 and 17).
/// </remarks>
/// <param name="Seen">The mean accuracy s of the seen classes.</param>
/// <param name="Unseen">The mean accuracy u of the unseen classes.</param>
public readonly record struct GeneralizedAccuracy(double Seen, double Unseen)
{
    /// <summary><c>2 s u / (s + u)</c>.</summary>
    public double HarmonicMean => Seen + Unseen == 0 ? 0 : 2 * Seen * Unseen / (Seen + Unseen);

    /// <summary>The accuracies of some predictions.</summary>
    /// <param name="predicted">Scores <c>[n, C]</c> or class numbers, int64 <c>[n]</c>.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>.</param>
    /// <param name="seen">Which classes are seen, bool <c>[C]</c>: <see cref="ClassDescriptions.Seen"/>.</param>
    /// <exception cref="ArgumentException">
    /// No row is of a seen class, or none of an unseen one, the shapes do not go together, or a score is NaN.
    /// </exception>
    public static GeneralizedAccuracy Of(Tensor predicted, Tensor labels, Tensor seen)
    {
        Guard.Alive(predicted);
        Guard.Alive(labels);
        Guard.Alive(seen);
        if (predicted.dim() is < 1 or > 2 || (predicted.dim() == 1 && predicted.is_floating_point()))
        {
            throw new ArgumentException(
                $"predicted must be scores [n, C] or class numbers, whole, [n]; got {Shape.Of(predicted)}.",
                nameof(predicted)
            );
        }
        Check(predicted, labels, seen, nameof(predicted));
        Guard.Numbers(predicted);
        using var scope = NewDisposeScope();
        var classes = predicted.dim() == 2 ? predicted.argmax(1) : predicted;
        var (counts, ofSeen) = Counted(labels, seen);
        var right = classes.eq(labels).to(float64) / counts.index_select(0, labels);
        var known = seen.index_select(0, labels);
        return new GeneralizedAccuracy(
            right.masked_select(known).sum().ToDouble() / ofSeen.Seen,
            right.masked_select(known.logical_not()).sum().ToDouble() / ofSeen.Unseen
        );
    }

    /// <summary>
    /// The area under the curve of <c>(u, s)</c> as a penalty on the seen classes goes from minus to plus infinity.
    /// </summary>
    /// <remarks>
    /// Chao, Changpinyo, Gong and Sha 2016, "An Empirical Study and Analysis of Generalized Zero-Shot Learning for
    /// Object Recognition in the Wild": AUSUC. By the trapezoidal rule over all penalties at which a row changes; rows
    /// of equal gap change together.
    /// </remarks>
    /// <param name="scores">Finite scores <c>[n, C]</c> without a penalty.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>.</param>
    /// <param name="seen">Which classes are seen, bool <c>[C]</c>.</param>
    /// <exception cref="ArgumentException">
    /// No row is of a seen class, or none of an unseen one; the shapes do not go together, or a score is not finite.
    /// </exception>
    public static double AreaUnderCurve(Tensor scores, Tensor labels, Tensor seen)
    {
        Guard.Rows(scores);
        Guard.Alive(labels);
        Guard.Alive(seen);
        Check(scores, labels, seen, nameof(scores));
        using var scope = NewDisposeScope();
        if (!scores.isfinite().all().item<bool>())
        {
            throw new ArgumentException(
                "scores must be finite; those of a learner that leaves seen classes out are not: fit it "
                    + "WithSeenPenalty(0).",
                nameof(scores)
            );
        }
        var (_, ofSeen, ofUnseen) = Curve(scores, labels, seen);
        var width = ofUnseen.narrow(0, 1, ofUnseen.shape[0] - 1) - ofUnseen.narrow(0, 0, ofUnseen.shape[0] - 1);
        var height = ofSeen.narrow(0, 1, ofSeen.shape[0] - 1) + ofSeen.narrow(0, 0, ofSeen.shape[0] - 1);
        return (width * height / 2).sum().ToDouble();
    }

    /// <summary>
    /// The accuracies at every penalty: s and u before all, and behind each of the different gaps between a row's best
    /// seen and best unseen score, in their order. Opens no scope.
    /// </summary>
    internal static (Tensor Gaps, Tensor Seen, Tensor Unseen) Curve(Tensor scores, Tensor labels, Tensor seen)
    {
        var (counts, classes) = Counted(labels, seen);
        var x = scores.to(float64);
        var lowest = full_like(x, double.NegativeInfinity);
        var (ofSeen, bestSeen) = where(seen, x, lowest).max(1);
        var (ofUnseen, bestUnseen) = where(seen, lowest, x).max(1);
        var (gaps, order) = (ofSeen - ofUnseen).sort();
        var share = 1 / counts.index_select(0, labels);
        // A row turns from its best seen to its best unseen class where the penalty reaches its gap.
        var rightSeen = (bestSeen.eq(labels).to(float64) * share / classes.Seen).index_select(0, order);
        var rightUnseen = (bestUnseen.eq(labels).to(float64) * share / classes.Unseen).index_select(0, order);
        // Rows of one gap turn together: what holds behind it is what holds behind the last of them.
        var last = cat([gaps.diff().ne(0), ones(1, ScalarType.Bool, device: gaps.device)]).nonzero().squeeze(1);
        Tensor Turned(Tensor right) => cat([zeros_like(gaps.narrow(0, 0, 1)), right.cumsum(0).index_select(0, last)]);
        return (gaps.index_select(0, last), rightSeen.sum() - Turned(rightSeen), Turned(rightUnseen));
    }

    private static void Check(Tensor predicted, Tensor labels, Tensor seen, string name)
    {
        if (
            seen.dim() != 1
            || seen.dtype != ScalarType.Bool
            || (predicted.dim() == 2 && predicted.shape[1] != seen.shape[0])
        )
        {
            throw new ArgumentException(
                $"seen must be bool [C], as many as {name} has classes; got {Shape.Of(seen)} beside "
                    + $"{Shape.Of(predicted)}.",
                nameof(seen)
            );
        }
        if (labels.dim() != 1 || labels.is_floating_point() || labels.shape[0] != predicted.shape[0])
        {
            throw new ArgumentException(
                $"labels must be class numbers [{predicted.shape[0]}], one for each row of {name}; got "
                    + $"{Shape.Of(labels)}.",
                nameof(labels)
            );
        }
        using var scope = NewDisposeScope();
        if (labels.numel() > 0 && labels.lt(0).logical_or(labels.ge(seen.shape[0])).any().item<bool>())
        {
            throw new ArgumentException($"labels must be from 0 to {seen.shape[0] - 1}.", nameof(labels));
        }
    }

    // Rows of each class, at least 1, and how many classes of either kind occur.
    private static (Tensor Counts, (double Seen, double Unseen) Classes) Counted(Tensor labels, Tensor seen)
    {
        var counts = labels.bincount(null, seen.shape[0]);
        var occurs = counts.gt(0);
        var (known, unknown) = (
            occurs.logical_and(seen).sum().ToInt64(),
            occurs.logical_and(seen.logical_not()).sum().ToInt64()
        );
        if (known == 0 || unknown == 0)
        {
            throw new ArgumentException(
                $"labels must be of seen and of unseen classes; they are of {known} seen and {unknown} unseen ones.",
                nameof(labels)
            );
        }
        return (counts.clamp_min(1).to(float64), (known, unknown));
    }
}
