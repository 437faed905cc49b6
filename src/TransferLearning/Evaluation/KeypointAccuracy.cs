using System.Globalization;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>PCK: the share of keypoints that are predicted close to where they are.</summary>
/// <remarks>
/// <para>
/// A keypoint is right where its distance from the true one is below <c>threshold</c> times the row's length (1 where
/// none is given: coordinates are then shares of the image). One that is not to be seen, with a true coordinate outside
/// 0 to 1, does not count. PCK is the mean over keypoints of the share of rows that are right (Yang and Ramanan 2013,
/// "Articulated Human Detection with Flexible Mixtures of Parts"; keypoints in shares of the image and a threshold of
/// 0.05 are what the figures of RegDA are of).
/// </para>
/// <para>
/// Each keypoint has Wilson's interval. Keypoints of one row are right or wrong together, so that the interval of the
/// mean counts rows: the variance v of the mean over rows gives the number <c>p (1 - p) / v</c> of independent
/// keypoints that would say as much, and Wilson's interval is of so many (Korn and Graubard 1998, "Confidence Intervals
/// for Proportions with Small Expected Number of Positive Counts Estimated from Survey Data"); of as many as rows where
/// v is 0, and never of more than there are keypoints.
/// </para>
/// </remarks>
/// <param name="Overall">The mean over keypoints; its count is that of keypoints that are to be seen.</param>
/// <param name="Each">Each keypoint that occurs in some row, in order; its count is that of rows.</param>
public sealed record KeypointAccuracy(AccuracyInterval Overall, IReadOnlyList<AccuracyInterval> Each)
{
    /// <summary>Measures some predictions.</summary>
    /// <param name="predicted">Predicted coordinates <c>[n, 2 K]</c>: <c>x_1, y_1, x_2, ...</c></param>
    /// <param name="keypoints">True coordinates <c>[n, 2 K]</c>, in shares of the image.</param>
    /// <param name="threshold">The share of the row's length below which a distance is right. Default 0.05.</param>
    /// <param name="lengths">
    /// The length <c>[n]</c> that distances are measured by in each row, a head's or a hand's for instance, in the
    /// coordinates' unit; null for 1.
    /// </param>
    /// <param name="confidence">The intervals' confidence, from 0 to below 1. Default 0.95.</param>
    /// <exception cref="ArgumentException">
    /// The shapes do not go together, a prediction is NaN, a length is not positive, or no keypoint is to be seen.
    /// </exception>
    public static KeypointAccuracy Of(
        Tensor predicted,
        Tensor keypoints,
        double threshold = 0.05,
        Tensor? lengths = null,
        double confidence = 0.95
    )
    {
        Guard.Rows(predicted);
        Guard.Numbers(predicted);
        Guard.Rows(keypoints);
        Guard.AliveOrNull(lengths);
        Guard.Positive(threshold);
        Guard.InRange(confidence, 0, 1);
        if (!predicted.shape.SequenceEqual(keypoints.shape) || keypoints.shape[1] % 2 != 0 || keypoints.shape[1] == 0)
        {
            throw new ArgumentException(
                $"keypoints must be x and y of each keypoint, [n, 2 K], as the predictions are; got "
                    + $"{Shape.Of(keypoints)} beside {Shape.Of(predicted)}.",
                nameof(keypoints)
            );
        }
        using var scope = NewDisposeScope();
        var n = keypoints.shape[0];
        var truth = keypoints.to(float64).cpu().reshape(n, -1, 2);
        var isSeen = (truth.ge(0) & truth.le(1)).all(2);
        var distances = (predicted.to(float64).cpu().reshape(n, -1, 2) - truth).square().sum(2).sqrt();
        var isRight = distances.lt(Lengths(lengths, n) * threshold) & isSeen;
        var seen = isSeen.sum([0L]);
        if (seen.sum().ToInt64() == 0)
        {
            throw new ArgumentException(
                "keypoints must hold one that is to be seen, both coordinates from 0 to 1; there is none.",
                nameof(keypoints)
            );
        }
        var occurs = seen.gt(0).nonzero().squeeze(1);
        var (counts, rights) = (seen.index_select(0, occurs), isRight.sum([0L]).index_select(0, occurs));
        var each = counts
            .data<long>()
            .Zip(rights.data<long>(), (count, right) => AccuracyInterval.Of(right, count, confidence))
            .ToList();
        var shares = rights.to(float64) / counts.to(float64);
        // What each row adds to the error of the mean.
        var parts =
            (isRight.to(float64).index_select(1, occurs) - shares)
            * isSeen.to(float64).index_select(1, occurs)
            / counts.to(float64);
        var variance = n == 1 ? 0 : parts.mean([1L]).square().sum().ToDouble() * n / (n - 1);
        return new KeypointAccuracy(
            Pooled(shares.mean().ToDouble(), variance, n, seen.sum().ToInt64(), confidence),
            each
        );
    }

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"PCK {Overall}");

    private static AccuracyInterval Pooled(double share, double variance, long rows, long keypoints, double confidence)
    {
        var spread = share * (1 - share);
        var alone = variance > 0 && spread > 0 ? Math.Clamp(spread / variance, 1, keypoints) : rows;
        var (lower, upper) = WilsonInterval.OfShare(share, alone, confidence);
        return new AccuracyInterval(share, lower, upper, keypoints);
    }

    private static Tensor Lengths(Tensor? lengths, long rows)
    {
        if (lengths is null)
        {
            return ones([1, 1], float64);
        }
        var found = lengths.to(float64).cpu();
        return found.dim() == 1 && found.shape[0] == rows && found.gt(0).all().item<bool>()
            ? found.unsqueeze(1)
            : throw new ArgumentException(
                $"lengths must be one positive number for each of the {rows} rows, [{rows}]; got {Shape.Of(lengths)}.",
                nameof(lengths)
            );
    }
}
