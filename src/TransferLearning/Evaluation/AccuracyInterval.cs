using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>An accuracy with its confidence interval.</summary>
/// <remarks>
/// Wilson's score interval (Wilson 1927): for k right of n and the normal quantile z, <c>(k + z^2/2) / (n + z^2) +- z /
/// (n + z^2) sqrt(k (n - k) / n + z^2/4)</c>. Unlike the textbook interval it stays within 0 and 1 and means something
/// at 0 and n right.
/// </remarks>
/// <param name="Value">The share of rows that were right.</param>
/// <param name="Lower">The lower end of the interval.</param>
/// <param name="Upper">The upper end of the interval.</param>
/// <param name="Count">How many rows there were.</param>
public readonly record struct AccuracyInterval(double Value, double Lower, double Upper, long Count)
{
    /// <summary>The accuracy of some predictions.</summary>
    /// <param name="predicted">Scores <c>[n, C]</c> or class numbers, int64 <c>[n]</c>.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>.</param>
    /// <param name="confidence">The confidence, from 0 to 1. Default 0.95.</param>
    /// <exception cref="ArgumentException">The shapes do not go together, or a score is NaN.</exception>
    public static AccuracyInterval Of(Tensor predicted, Tensor labels, double confidence = 0.95)
    {
        Guard.Alive(predicted);
        Guard.Alive(labels);
        using var scope = NewDisposeScope();
        var classes = Classes.Of(predicted);
        Classes.Check(classes, labels);
        return Of(classes.eq(labels.to(classes.device)).sum().ToInt64(), labels.shape[0], confidence);
    }

    /// <summary>The accuracy of some number right out of some number.</summary>
    public static AccuracyInterval Of(long right, long count, double confidence = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(right);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(right, count);
        var (lower, upper) = WilsonInterval.Of(right, count, confidence);
        return new AccuracyInterval((double)right / count, lower, upper, count);
    }

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"{100 * Value:F1}% [{100 * Lower:F1}, {100 * Upper:F1}] of {Count}"
        );
}
