using TransferLearning.Predictors;
using TransferLearning.Theory;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Theory;

/// <summary>Labelers whose agreement is known.</summary>
public sealed class CrossLabelingTests : IDisposable
{
    private static readonly LogisticRegression Sharp = new() { InversePenalty = 1e6 };
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Kappa_OfAKnownTable_IsItsValue()
    {
        // 20 and 15 of 50 alike, 5 and 10 not: 0.7 agreed, 0.5 by chance.
        var first = Repeated((0, 25), (1, 25));
        var second = Repeated((0, 20), (1, 5), (0, 10), (1, 15));

        var kappa = CrossLabeling.Kappa(first, second);

        Assert.Equal(0.4, kappa.Value, 1e-12);
        var half = 1.959963984540054 * Math.Sqrt(0.7 * 0.3 / 50) / 0.5;
        Assert.Equal((0.4 - half, 0.4 + half), (kappa.Lower, kappa.Upper), new Near(1e-9));
        Assert.Equal(kappa, CrossLabeling.Kappa(second, first));
    }

    [Fact]
    public void Kappa_OfExtremes_IsOneOrMinusOneOrUndefined()
    {
        var mixed = Repeated((0, 5), (1, 5));

        Assert.Equal(1, CrossLabeling.Kappa(mixed, mixed).Value, 1e-12);
        Assert.Equal(-1, CrossLabeling.Kappa(mixed, 1 - mixed).Value, 1e-12);
        Assert.Equal(0, CrossLabeling.Kappa(mixed, zeros_like(mixed)).Value, 1e-12);
        Assert.True(double.IsNaN(CrossLabeling.Kappa(zeros_like(mixed), zeros_like(mixed)).Value));
        Assert.Throws<ArgumentException>(() => CrossLabeling.Kappa(mixed, mixed.narrow(0, 0, 3)));
        Assert.Throws<ArgumentException>(() => CrossLabeling.Kappa(mixed.to(float32), mixed));
    }

    [Fact]
    public void Of_ThresholdsApart_DisagreeBetweenThem()
    {
        // On [-1, 1] the thresholds 0 and 0.4 disagree on a fifth.
        var rows = linspace(-1, 1, 1001, float64).unsqueeze(1);

        var report = new CrossLabeling { Learner = Sharp }.Of(
            Labeled(rows, 0),
            Labeled(rows.slice(0, 0, 1001, 10), 0.4),
            new UnlabeledDomain(rows)
        );

        Assert.Equal(0.2, report.LabelGap.Value, 0.02);
        Assert.InRange(0.2, report.LabelGap.Lower, report.LabelGap.Upper);
        // 0.8 agreed; by chance 0.5 of the one with any shares of the other.
        Assert.Equal((0.8 - 0.5) / 0.5, report.Kappa.Value, 0.04);
        Assert.Contains("of 1001 rows", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ShareOf_ABoundWithoutOtherTerms_IsAll()
    {
        var rows = linspace(-1, 1, 401, float64).unsqueeze(1);
        var (source, opposite) = (Labeled(rows, 0), Labeled(rows.neg(), 0).WithInputs(rows));
        var cross = new CrossLabeling { Learner = Sharp };
        var bound = new AdaptationBound { Learner = Sharp }.Of(source, new UnlabeledDomain(rows));

        var share = cross.Of(source, opposite, new UnlabeledDomain(rows)).ShareOf(bound);

        Assert.True(share > 0.85, $"{share}");
        Assert.Equal(0, cross.Of(source, source, new UnlabeledDomain(rows)).ShareOf(bound));
    }

    [Fact]
    public void Of_OtherClasses_IsRefused()
    {
        var rows = linspace(-1, 1, 20, float64).unsqueeze(1);
        var three = new LabeledDomain(rows, arange(20, dtype: int64).remainder(3));

        Assert.Throws<ArgumentException>(() =>
            new CrossLabeling().Of(Labeled(rows, 0), three, new UnlabeledDomain(rows))
        );
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Repeated(params (long Value, long Count)[] runs) =>
        cat([.. runs.Select(run => full(run.Count, run.Value, int64))]);

    private static LabeledDomain Labeled(Tensor rows, double threshold) =>
        new(rows, rows.squeeze(1).gt(threshold).to(int64), space: LabelSpace.Classes(2));

    private sealed class Near(double tolerance) : IEqualityComparer<(double, double)>
    {
        public bool Equals((double, double) x, (double, double) y) =>
            Math.Abs(x.Item1 - y.Item1) <= tolerance && Math.Abs(x.Item2 - y.Item2) <= tolerance;

        public int GetHashCode((double, double) obj) => 0;
    }
}
