using TransferLearning.Evaluation;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Metrics;

public sealed class OpenSetAccuracyTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_SomePredictions_CountsEachClassAlike()
    {
        // Class 0: 3 of 4, class 1: 1 of 2, unknown (2 and 3): 2 of 4.
        var labels = tensor(new[] { 0L, 0, 0, 0, 1, 1, 2, 2, 3, 3 });
        var predicted = tensor(new[] { 0L, 0, 0, 2, 1, 0, 2, 1, 2, 0 });

        var accuracy = OpenSetAccuracy.Of(predicted, labels, known: 2);

        Assert.Equal((0.75 + 0.5) / 2, accuracy.Known.Value, 1e-12);
        Assert.Equal(0.5, accuracy.Unknown.Value, 1e-12);
        Assert.Equal((0.75 + 0.5 + 0.5) / 3, accuracy.Overall.Value, 1e-12);
        Assert.Equal(2 * 0.625 * 0.5 / 1.125, accuracy.Harmonic.Value, 1e-12);
        Assert.Equal((6L, 4L, 10L), (accuracy.Known.Count, accuracy.Unknown.Count, accuracy.Harmonic.Count));
    }

    [Fact]
    public void Of_ModelThatNeverSaysUnknown_IsZeroByTheHarmonicMean()
    {
        var labels = tensor(new[] { 0L, 1, 2, 2 });
        var scores = tensor(new[] { 1.0, 0, -1, 0, 1, -1, 1, 0, -1, 0, 1, -1 }).reshape(4, 3);

        var accuracy = OpenSetAccuracy.Of(scores, labels, known: 2);

        Assert.Equal(1, accuracy.Known.Value);
        Assert.Equal(0, accuracy.Harmonic.Value);
    }

    [Fact]
    public void Of_FourTimesTheRows_HasIntervalsAboutHalfAsWide()
    {
        Tensor Many(long times, params long[] classes) => tensor(classes).repeat(times);
        OpenSetAccuracy Judge(long times) =>
            OpenSetAccuracy.Of(Many(times, 0, 0, 1, 2, 2, 2), Many(times, 0, 0, 1, 1, 2, 2), known: 2);
        static double Width(AccuracyInterval it) => it.Upper - it.Lower;

        var (few, many) = (Judge(50), Judge(200));

        Assert.Equal(few.Harmonic.Value, many.Harmonic.Value, 1e-12);
        Assert.InRange(Width(many.Known) / Width(few.Known), 0.45, 0.55);
        Assert.InRange(Width(many.Harmonic) / Width(few.Harmonic), 0.45, 0.55);
        Assert.InRange(few.Harmonic.Value, few.Harmonic.Lower, few.Harmonic.Upper);
    }

    [Fact]
    public void Of_RowsOfOneKindAlone_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => OpenSetAccuracy.Of(zeros(2, int64), zeros(2, int64), known: 2));
        Assert.Throws<ArgumentException>(() => OpenSetAccuracy.Of(zeros(2, int64), full(2, 2, int64), known: 2));
        Assert.Throws<ArgumentException>(() => OpenSetAccuracy.Of(zeros(3, int64), zeros(2, int64), known: 2));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            OpenSetAccuracy.Of(zeros(2, int64), zeros(2, int64), known: 0)
        );
    }

    public void Dispose() => scope.Dispose();
}
