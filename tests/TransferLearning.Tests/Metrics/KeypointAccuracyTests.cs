using TransferLearning.Evaluation;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Metrics;

public sealed class KeypointAccuracyTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // Two keypoints of four rows: off by 0.03 where right, by 0.07 where wrong.
    private readonly Tensor truth = full([4, 4], 0.5, float64);
    private readonly Tensor predicted = tensor(
        new[,]
        {
            { 0.53, 0.5, 0.5, 0.47 },
            { 0.47, 0.5, 0.5, 0.53 },
            { 0.57, 0.5, 0.5, 0.43 },
            { 0.53, 0.5, 0.5, 0.57 },
        }
    );

    [Fact]
    public void Of_SomePredictions_HasTheHandComputedSharesAndInterval()
    {
        var accuracy = KeypointAccuracy.Of(predicted, truth);

        Assert.Equal([0.75, 0.5], accuracy.Each.Select(one => one.Value));
        Assert.All(accuracy.Each, one => Assert.Equal(4, one.Count));
        Assert.Equal(AccuracyInterval.Of(3, 4), accuracy.Each[0]);
        Assert.Equal(0.625, accuracy.Overall.Value, 1e-12);
        Assert.Equal(8, accuracy.Overall.Count);
        // Of a variance over rows of 0.0573, as of 4.09 independent keypoints.
        Assert.Equal(0.22216919915495797, accuracy.Overall.Lower, 1e-9);
        Assert.Equal(0.9067616931239113, accuracy.Overall.Upper, 1e-9);
        Assert.StartsWith("PCK 62.5%", accuracy.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_LengthsAndThreshold_MeasuresByTheirProduct()
    {
        var lengths = tensor(new[] { 0.5, 1, 2, 1 }); // 0.03 of 0.025 is wrong, 0.07 of 0.1 right

        var accuracy = KeypointAccuracy.Of(predicted, truth, 0.05, lengths);

        Assert.Equal([0.75, 0.5], accuracy.Each.Select(one => one.Value));
        Assert.Equal(1, KeypointAccuracy.Of(predicted, truth, 0.071).Overall.Value);
        Assert.Equal(0, KeypointAccuracy.Of(predicted, truth, 0.029).Overall.Value);
        // A distance equal to the bound is not below it.
        Assert.Equal(
            0,
            KeypointAccuracy
                .Of(
                    full([1, 2], 0.5),
                    tensor(
                        new[,]
                        {
                            { 0.5f, 0.25f },
                        }
                    ),
                    0.25
                )
                .Overall.Value
        );
    }

    [Fact]
    public void Of_HiddenKeypoints_LeavesThemOut()
    {
        var hidden = truth.clone();
        hidden[0, 0] = -1; // the first keypoint of the first row
        hidden[TensorIndex.Colon, 3] = 1.2; // the second of all

        var accuracy = KeypointAccuracy.Of(predicted, hidden);

        var only = Assert.Single(accuracy.Each);
        Assert.Equal((2.0 / 3, 3L), (only.Value, only.Count));
        Assert.Equal((2.0 / 3, 3L), (accuracy.Overall.Value, accuracy.Overall.Count));
    }

    [Fact]
    public void Of_KeypointsThatGoTogether_HasTheIntervalOfTheRows()
    {
        // Ten keypoints of a row are right or wrong as one.
        var rows = arange(50, dtype: int64).remainder(2).to(float64).unsqueeze(1).expand(50, 20);
        var zero = zeros_like(rows);

        var accuracy = KeypointAccuracy.Of(rows, zero);

        var ofRows = AccuracyInterval.Of(25, 50);
        Assert.Equal(0.5, accuracy.Overall.Value);
        Assert.Equal(ofRows.Lower, accuracy.Overall.Lower, 0.005); // n - 1 instead of n
        Assert.Equal(AccuracyInterval.Of(50, 50).Lower, KeypointAccuracy.Of(zero, zero).Overall.Lower, 1e-12);
    }

    [Fact]
    public void Of_BadInput_IsRefused()
    {
        Assert.Throws<ArgumentException>("keypoints", () => KeypointAccuracy.Of(zeros(2, 4), zeros(2, 6)));
        Assert.Throws<ArgumentException>("keypoints", () => KeypointAccuracy.Of(zeros(2, 3), zeros(2, 3)));
        Assert.Throws<ArgumentException>("keypoints", () => KeypointAccuracy.Of(zeros(2, 4), full([2, 4], -1.0f)));
        Assert.Throws<ArgumentException>("lengths", () => KeypointAccuracy.Of(predicted, truth, 0.1, zeros(4)));
        Assert.Throws<ArgumentOutOfRangeException>("threshold", () => KeypointAccuracy.Of(predicted, truth, 0));
    }

    public void Dispose() => scope.Dispose();
}
