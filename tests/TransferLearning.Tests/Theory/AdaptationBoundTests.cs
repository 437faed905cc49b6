using TransferLearning.Predictors;
using TransferLearning.Theory;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Theory;

/// <summary>Made domains whose terms are known.</summary>
public sealed class AdaptationBoundTests : IDisposable
{
    private static readonly AdaptationBound Bound = new() { Learner = new LogisticRegression { InversePenalty = 1e4 } };
    private static readonly AdaptationBound ByMargins = Bound with { Distance = BoundDistance.MarginDisparity };
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void SampleSize_OfOneSize_IsThePrintedTerm()
    {
        // 4 sqrt((2 * 3 * log 2000 + log 40) / 1000)
        Assert.Equal(0.88809, AdaptationBound.SampleSize(3, 1000, 1000), 1e-5);
    }

    [Fact]
    public void SampleSize_OfTwoSizes_IsBetweenThoseOfEach()
    {
        var found = AdaptationBound.SampleSize(5, 100, 10_000, 0.9);

        var (small, large) = (
            AdaptationBound.SampleSize(5, 100, 100, 0.9),
            AdaptationBound.SampleSize(5, 10_000, 10_000, 0.9)
        );
        Assert.Equal((small + large) / 2, found, 1e-12);
        Assert.Equal(found, AdaptationBound.SampleSize(5, 10_000, 100, 0.9), 1e-12);
        Assert.Throws<ArgumentOutOfRangeException>(() => AdaptationBound.SampleSize(0, 10, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => AdaptationBound.SampleSize(1, 10, 10, 1));
    }

    [Fact]
    public void FirstTheorem_OfItsTerms_CountsTheVariationTwice()
    {
        var sum = AdaptationBound.FirstTheorem(new(0.1, 0.1, 0.4), new(0.2, 0.2, 0.4), new(0.05, 0.05, 0.05));

        Assert.Equal(0.55, sum.Value, 1e-12);
        Assert.Equal(0.55, sum.Lower, 1e-12);
        Assert.Equal(0.55 + 0.5, sum.Upper, 1e-12); // 0.3 and 2 * 0.2 at right angles
    }

    // Rows even on [0, 1] and on [0.1, 1.1], which 0.1 of the mass tells apart; a label is 1 above 0.5 in the source,
    // of which every tenth is wrong, and above 0.8 in the target.
    [Fact]
    public void FirstTheorem_OfEvenRowsAndMovedThreshold_HasEveryTermAsItIs()
    {
        var ofSource = Even(0, 1, 2000);
        var isFlipped = arange(2000).remainder(10).eq(3).to(int64);
        var source = new LabeledDomain(
            ofSource,
            (ofSource.squeeze(1).gt(0.5).to(int64) + isFlipped).remainder(2),
            space: LabelSpace.Classes(2)
        );
        var target = Even(0.1, 1.1, 2000);

        var report = Bound.FirstTheorem(source, new UnlabeledDomain(target), Labeled(Even(0.1, 1.1, 400), 0.8));

        Assert.Equal(0.1, report.SourceError.Value, 0.01);
        Assert.Equal(0.1, report.Variation.Value, 0.03);
        Assert.InRange(0.1, report.Variation.Lower, report.Variation.Upper);
        // Of the source's rows 0.3 lie between the thresholds; wrong labels lie there and elsewhere, so that the gap is
        // 0.3 * 0.9 + 0.7 * 0.1. The target's labels are right: 0.3.
        Assert.Equal(0.34, report.SourceGap!.Value.Value, 0.02);
        Assert.Equal(0.3, report.TargetGap!.Value.Value, 0.02);
        Assert.Equal(report.TargetGap, report.LabelGap);
        Assert.InRange(report.TargetLabelerError!.Value.Value, 0, 0.02);
        Assert.Equal(
            report.SourceError.Value + (2 * report.Variation.Value) + report.TargetGap.Value.Value,
            report.Bound!.Value.Value,
            1e-12
        );
        // The bound holds: the target's error is that gap.
        Assert.True(report.TargetGap.Value.Value <= report.Bound.Value.Value);
        Assert.False(report.IsVacuous);
        Assert.Contains("The largest term is the change of the labels", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void FirstTheorem_OfDomainsApart_IsVacuousWhereTheSecondTheoremIsNot()
    {
        // A feature that no rule needs tells the domains apart.
        Tensor Rows(double second) => cat([Even(0, 1, 400), full([400, 1], second, float64)], 1);
        LabeledDomain By(Tensor rows) => new(rows, rows.select(1, 0).gt(0.4).to(int64), space: LabelSpace.Classes(2));
        var target = By(Rows(5));

        var report = Bound.FirstTheorem(By(Rows(0)), target.WithoutLabels(), target);

        Assert.Equal(1, report.Variation.Value, 0.01);
        Assert.InRange(report.LabelGap!.Value.Value, 0, 0.02);
        Assert.True(report.IsVacuous);
        Assert.Contains("The larger term is the distance", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void FirstTheorem_OfATargetWithoutLabels_LeavesTheChangeUnknown()
    {
        var rows = Even(0, 1, 200);

        var report = Bound.FirstTheorem(Labeled(rows, 0.4), new UnlabeledDomain(rows));

        Assert.Null(report.SourceGap);
        Assert.Null(report.TargetGap);
        Assert.Null(report.TargetLabelerError);
        Assert.Null(report.LabelGap);
        Assert.Null(report.Bound);
        Assert.Equal(report.SourceError.Value + (2 * report.Variation.Value), report.Knowable.Value, 1e-12);
        Assert.Contains("unknown   needs labeled target rows", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void FirstTheorem_OfFourClassesThatSwap_HasTheShareOfTheSwappedOnes()
    {
        // Four classes in a row; the last two have changed their names in the target: half of the rows.
        var rows = Even(0, 4, 1200);
        var classes = rows.squeeze(1).floor().clamp_max(3).to(int64);
        var swapped = where(classes.ge(2), -classes + 5, classes);
        var tree = Bound with { Learner = new DecisionTree() };

        var report = tree.FirstTheorem(
            new LabeledDomain(rows, classes, space: LabelSpace.Classes(4)),
            new UnlabeledDomain(rows),
            new LabeledDomain(rows, swapped, space: LabelSpace.Classes(4))
        );

        Assert.Equal(0.5, report.SourceGap!.Value.Value, 0.01);
        Assert.Equal(0.5, report.TargetGap!.Value.Value, 0.01);
        Assert.InRange(report.SourceError.Value, 0, 0.02);
        Assert.InRange(report.Variation.Value, 0, 0.05);
    }

    [Fact]
    public void FirstTheorem_OfBadInput_IsRefused()
    {
        var rows = Even(0, 1, 40);
        var source = Labeled(rows, 0.4);
        var target = new UnlabeledDomain(rows);
        Assert.Throws<ArgumentNullException>("target", () => Bound.FirstTheorem(source, null!));
        Assert.Throws<ArgumentException>("source", () => Bound.FirstTheorem(new LabeledDomain(rows, rows), target));
        Assert.Throws<ArgumentException>(
            "labeledTarget",
            () =>
                Bound.FirstTheorem(source, target, new LabeledDomain(rows, source.Labels, space: LabelSpace.Classes(3)))
        );
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            Bound.FirstTheorem(source, target, Labeled(rows.narrow(0, 0, 3), 0))
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => (Bound with { Folds = 1 }).FirstTheorem(source, target));
    }

    [Fact]
    public void Of_SourceWithFlippedLabels_HasTheirShareAsSourceError()
    {
        // Every tenth label of rows on a line is wrong.
        var rows = Even(-1, 1, 1000);
        var labels = rows.squeeze(1).gt(0).to(int64);
        var isFlipped = arange(1000).remainder(10).eq(3).to(int64);

        var report = Bound.Of(
            new LabeledDomain(rows, (labels + isFlipped).remainder(2), space: LabelSpace.Classes(2)),
            new UnlabeledDomain(rows)
        );

        Assert.Equal(0.1, report.SourceError.Value, 0.01);
        Assert.InRange(0.1, report.SourceError.Lower, report.SourceError.Upper);
        Assert.InRange(report.Distance.Value, 0, 0.2);
        Assert.Equal(2, report.VcDimension);
        Assert.Equal(AdaptationBound.SampleSize(2, 1000, 1000), report.SampleSizeTerm);
    }

    [Theory]
    [InlineData(BoundDistance.SymmetricDifference)]
    [InlineData(BoundDistance.DomainClassifier)]
    public void Of_IntervalsThatHalfOverlap_HasTheDistanceOne(BoundDistance distance)
    {
        var report = (Bound with { Distance = distance }).Of(
            Labeled(Even(0, 1, 1000), 0.4),
            new UnlabeledDomain(Even(0.5, 1.5, 600))
        );

        Assert.Equal(1, report.Distance.Value, 0.1);
        Assert.Equal(report.SourceError.Value + (report.Distance.Value / 2), report.Knowable.Value, 1e-12);
    }

    [Fact]
    public void Of_TargetWithoutLabels_LeavesLambdaUnknown()
    {
        var report = Bound.Of(Labeled(Even(0, 1, 200), 0.4), new UnlabeledDomain(Even(0, 1, 200)));

        Assert.Null(report.JointError);
        Assert.Null(report.Bound);
        Assert.Null(report.TargetError);
        Assert.Contains("unknown   needs labeled target rows", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_OppositeLabels_HasALambdaOfOneAndSaysSo()
    {
        // One rule for both errs on one of them, whatever it says; the inputs tell nothing.
        var rows = Even(-1, 1, 400);
        var opposite = new LabeledDomain(rows, rows.squeeze(1).le(0).to(int64), space: LabelSpace.Classes(2));

        var report = Bound.Of(Labeled(rows, 0), new UnlabeledDomain(rows), opposite);

        Assert.Equal(1, report.JointError!.Value.Value, 0.15);
        Assert.True(report.TargetError!.Value.Value > 0.97);
        Assert.True(report.Distance.Value < 0.3);
        Assert.True(report.IsVacuous);
        Assert.Contains("The largest term is lambda", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_OneRuleForBoth_HasNoLambdaAndBoundsTheTargetsError()
    {
        // The rule is the sign of the first feature; the second tells the domains apart and goes with the label in the
        // source alone.
        var source = Square(1000, 1);
        var target = Square(1000, 2) + tensor([0.5, 0]);
        LabeledDomain By(Tensor rows) => new(rows, rows.select(1, 0).gt(0).to(int64), space: LabelSpace.Classes(2));
        var few = By(target.narrow(0, 0, 60));

        var report = Bound.Of(By(source), new UnlabeledDomain(target), few);

        Assert.InRange(report.JointError!.Value.Value, 0, 0.05);
        Assert.True(report.TargetError!.Value.Value <= report.WithoutSampleSize!.Value.Value);
        Assert.Equal(0.5, report.Distance.Value, 0.15); // a quarter of the target lies outside the source
        Assert.Equal(report.WithoutSampleSize.Value.Value + report.SampleSizeTerm, report.Bound!.Value, 1e-12);
    }

    [Fact]
    public void ToString_OfAllTerms_IsATableOfThem()
    {
        var rows = Even(0, 1, 400);

        var text = Bound.Of(Labeled(rows, 0.4), new UnlabeledDomain(rows), Labeled(rows, 0.4)).ToString();

        var lines = text.Split('\n');
        Assert.StartsWith("term ", lines[0], StringComparison.Ordinal);
        Assert.Equal(
            ["source error", "half of", "sample", "lambda,", "sum  ", "sum without", "target error"],
            lines[1..8].Zip((int[])[12, 7, 6, 7, 5, 11, 12], (line, length) => line[..length])
        );
        Assert.Contains("promises nothing at these sample sizes", text, StringComparison.Ordinal);
    }

    [Fact]
    public void RademacherTerm_OfNumbers_IsTheWrittenOne()
    {
        // 8 (0.03 + 0.04) + 3 sqrt(log 80 / 1000) + 3 sqrt(log 80 / 400)
        Assert.Equal(1.0725899954057392, AdaptationBound.RademacherTerm(0.03, 0.04, 0.25, 500, 200), 1e-9);
        Assert.Throws<ArgumentOutOfRangeException>(() => AdaptationBound.RademacherTerm(0.1, 0.1, 0, 5, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => AdaptationBound.RademacherTerm(-0.1, 0.1, 1, 5, 5));
    }

    [Fact]
    public void Of_TargetOnOneSideOfTheHypothesis_HasTheMarginDisparityOfTheConstantRival()
    {
        // The rule is the sign; the target lies on the positive side. The rival that says "negative" throughout
        // disagrees on all of the target and on the source's positive half; a line can do no better.
        var report = ByMargins.Of(Labeled(Even(-1, 1, 1000), 0), new UnlabeledDomain(Even(3, 4, 600)));

        Assert.Equal(0.5, report.Distance.Value / 2, 0.05);
        Assert.InRange(0.5, report.Distance.Lower / 2, report.Distance.Upper / 2);
        Assert.InRange(report.SourceError.Value, 0, 0.02);
    }

    [Fact]
    public void Of_EqualDomains_HasNoMarginDisparity()
    {
        var rows = Square(2000, 5);
        var labels = rows.select(1, 0).gt(0).to(int64);

        var report = ByMargins.Of(new LabeledDomain(rows, labels), new UnlabeledDomain(Square(2000, 6)));

        Assert.InRange(report.Distance.Value, 0, 0.1);
    }

    [Fact]
    public void Of_FeatureThatTellsTheDomainsApart_HasTheWholeMarginDisparity()
    {
        // The label is the sign of the first feature, positive on all of the target; the second says the domain.
        // A rival reads the source alike and calls the target negative, both but for a margin of 0.01.
        Tensor Rows(Tensor first, double second) => cat([first, full([1000, 1], second, float64)], 1);
        LabeledDomain By(Tensor rows) => new(rows, rows.select(1, 0).gt(0).to(int64), space: LabelSpace.Classes(2));
        var source = By(Rows(Even(-0.2, 0.2, 1000), -1));
        var target = By(Rows(Even(0.05, 0.2, 1000), 1));

        var report = (ByMargins with { Margin = 0.01 }).Of(source, target.WithoutLabels(), target);

        Assert.InRange(report.Distance.Value / 2, 0.85, 1);
        Assert.InRange(report.TargetError!.Value.Value, 0, 0.03);
        Assert.InRange(report.JointError!.Value.Value, 0, 0.15);
    }

    [Fact]
    public void Of_OppositeLabels_HasALambdaOfOneByMarginsToo()
    {
        var rows = Even(-1, 1, 400);
        var opposite = new LabeledDomain(rows, rows.squeeze(1).le(0).to(int64), space: LabelSpace.Classes(2));

        var report = ByMargins.Of(Labeled(rows, 0), new UnlabeledDomain(rows), opposite);

        Assert.True(report.JointError!.Value.Value > 0.85);
        Assert.True(report.TargetError!.Value.Value > 0.97);
    }

    [Fact]
    public void Of_ManyFeatures_HasASmallerTermByRademacherComplexity()
    {
        // A hundred features, one of which says the class by a wide margin: the page's figures.
        LabeledDomain Domain(long seed)
        {
            using var generator = new RandomKey(seed).Generator();
            var labels = arange(2000, dtype: int64).remainder(2);
            var rows = randn([2000, 100], float64, generator: generator) * 0.1;
            rows.select(1, 0).add_((labels * 4) - 2);
            return new LabeledDomain(rows, labels, space: LabelSpace.Classes(2));
        }
        var labeled = Domain(8);

        var report = ByMargins.Of(Domain(7), labeled.WithoutLabels(), labeled);

        Assert.Equal(101, report.VcDimension);
        Assert.Equal(AdaptationBound.SampleSize(101, 2000, 2000), report.VcTerm, 1e-12);
        // Rows of mean squared length 1 and a constant, a thousand that are counted: sqrt(2 / 1000), with
        // 3 sqrt(log 80 / 2000).
        Assert.InRange(report.SourceComplexity!.Value.Value, Math.Sqrt(1.0 / 1000), Math.Sqrt(2.1 / 1000));
        Assert.True(report.SampleSizeTerm < report.VcTerm / 3, $"{report.SampleSizeTerm} {report.VcTerm}");
        Assert.Equal(0, report.SourceError.Value);
        Assert.Equal(
            AdaptationBound.RademacherTerm(
                report.SourceComplexity.Value.Value,
                report.TargetComplexity!.Value.Value,
                report.Margin!.Value,
                1000,
                1000
            ),
            report.SampleSizeTerm,
            1e-12
        );
        Assert.InRange(report.JointError!.Value.Value, 0, 0.01);
        // Drawn signs leave little open.
        Assert.InRange(report.SampleSizeTerm, report.SampleSize.Lower, report.SampleSize.Upper);
        var both = report.SourceComplexity.Value.Plus(report.TargetComplexity.Value);
        Assert.Equal(2 / 0.25 * (both.Upper - both.Lower), report.SampleSize.Upper - report.SampleSize.Lower, 1e-12);
        Assert.True(both.Upper - both.Lower < 0.05 * both.Value);
        var text = report.ToString();
        Assert.Contains("a rival of the hypothesis, by margins", text, StringComparison.Ordinal);
        Assert.Contains("by VC dimension, not in the sum", text, StringComparison.Ordinal);
    }

    // Thirty equal rows are counted on either side, so that the drawn signs alone tell the two apart.
    [Fact]
    public void Of_EqualRowsInBothDomains_DrawsSignsOfTheirOwn()
    {
        var rows = ones([60, 1], float64);
        var source = new LabeledDomain(rows, arange(60).lt(15).to(int64), space: LabelSpace.Classes(2));

        var report = ByMargins.Of(source, new UnlabeledDomain(rows));

        var (ofSource, ofTarget) = (report.SourceComplexity!.Value, report.TargetComplexity!.Value);
        Assert.NotEqual(ofSource.Value, ofTarget.Value);
        // E |sum of n signs| / n is near sqrt(2 / (pi n)).
        Assert.All([ofSource, ofTarget], it => Assert.Equal(Math.Sqrt(2 / (Math.PI * 30)), it.Value, 0.02));
    }

    [Fact]
    public void Of_MarginsOfWhatIsNotLinearOrOfTwoClasses_IsRefused()
    {
        var rows = Even(0, 1, 40);
        var source = Labeled(rows, 0.4);
        var target = new UnlabeledDomain(rows);
        var three = new LabeledDomain(rows, arange(40, dtype: int64).remainder(3));

        var fault = Assert.Throws<ArgumentException>(() =>
            (ByMargins with { Learner = new NearestNeighbor() }).Of(source, target)
        );

        Assert.Contains("linear predictors", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("source", () => ByMargins.Of(three, target));
        Assert.Throws<ArgumentOutOfRangeException>(() => (ByMargins with { Margin = 0 }).Of(source, target));
    }

    [Fact]
    public void Of_BadInput_IsRefused()
    {
        var rows = Even(0, 1, 40);
        var source = Labeled(rows, 0.4);
        var target = new UnlabeledDomain(rows);
        Assert.Throws<ArgumentException>(() => Bound.Of(new LabeledDomain(rows, rows), target));
        Assert.Throws<ArgumentException>(() => Bound.Of(source.WithWeights(ones(40, float64)), target));
        Assert.Throws<ArgumentException>(() => Bound.Of(source, new UnlabeledDomain(zeros(40, 2, float64))));
        Assert.Throws<ArgumentException>(() =>
            Bound.Of(source, target, new LabeledDomain(rows, source.Labels, space: LabelSpace.Classes(3)))
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => Bound.Of(source, target, Labeled(rows.narrow(0, 0, 3), 0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => (Bound with { VcDimension = 0 }).Of(source, target));
    }

    [Fact]
    public void ToString_WhereNoTermIsAboveZero_BlamesNone()
    {
        var zero = new Estimate(0, 0, 0.1);
        var report = new AdaptationBoundReport
        {
            SourceError = zero,
            Distance = zero,
            JointError = zero,
        };

        Assert.Contains("nothing stands in the way", report.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("no hypothesis of this kind", report.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Even(double from, double to, long rows) => linspace(from, to, rows, float64).unsqueeze(1);

    private static Tensor Square(long rows, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return (rand([rows, 2], float64, generator: generator) * 2) - 1;
    }

    private static LabeledDomain Labeled(Tensor rows, double threshold) =>
        new(rows, rows.squeeze(1).gt(threshold).to(int64), space: LabelSpace.Classes(2));
}
