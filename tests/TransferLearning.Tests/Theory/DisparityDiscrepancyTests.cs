using TransferLearning.Predictors;
using TransferLearning.Theory;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Theory;

/// <summary>Even rows on intervals, where the best pairs of thresholds are known.</summary>
public sealed class DisparityDiscrepancyTests : IDisposable
{
    private static readonly LogisticRegression Sharp = new() { InversePenalty = 1e4 };
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void SymmetricDifference_OfIntervalsThatHalfOverlap_IsOne()
    {
        // On [0, 1] and [0.5, 1.5] no interval holds more than 0.5 more of one domain.
        var found = new DisparityDiscrepancy { Learner = Sharp }.SymmetricDifference(
            Labeled(Even(0, 1), 0.4),
            new UnlabeledDomain(Even(0.5, 1.5))
        );

        Assert.Equal(1, found.Value, 0.1);
        Assert.InRange(1, found.Lower, found.Upper);
    }

    [Fact]
    public void SymmetricDifference_OfATargetAroundTheSource_IsMoreThanAThresholdSees()
    {
        // Two thresholds disagree on all of the target and on nothing of the source; one cuts off half of the target.
        var (source, target) = (Even(-1, 1), cat([Even(-3, -1.1), Even(1.1, 3)]));

        var pairs = new DisparityDiscrepancy { Learner = Sharp }.SymmetricDifference(
            Labeled(source, -0.95),
            new UnlabeledDomain(target)
        );
        var proxy = new TotalVariation { Classifier = Sharp }
            .LowerBound(source, target)
            .Times(2);

        Assert.True(pairs.Value > 1.7, pairs.ToString());
        Assert.True(proxy.Value < 1.15, proxy.ToString());
    }

    [Fact]
    public void SymmetricDifference_OfEqualDomains_HoldsNothing()
    {
        var found = new DisparityDiscrepancy { Learner = Sharp }.SymmetricDifference(
            Labeled(Even(0, 1), 0.4),
            new UnlabeledDomain(Even(0, 1))
        );

        Assert.Equal(0, found.Lower);
        Assert.InRange(found.Value, 0, 0.15);
    }

    [Fact]
    public void Of_AThresholdInTheSourcesMiddle_IsHalf()
    {
        // The rival that names one class throughout is apart from it on half of the source and all of the target.
        var found = new DisparityDiscrepancy { Learner = Sharp }.Of(new Threshold(0.5), Even(0, 1), Even(0.5, 1.5));

        Assert.Equal(0.5, found.Value, 0.06);
    }

    [Fact]
    public void DomainsFarApart_HalfForAThresholdInTheMiddleAndAllForPairs()
    {
        var (source, target) = (Even(0, 1), Even(5, 6));
        var distance = new DisparityDiscrepancy { Learner = Sharp };

        // No threshold agrees on both sides of 0.5 and names the other class beyond: one class throughout is best.
        Assert.Equal(0.5, distance.Of(new Threshold(0.5), source, target).Value, 0.05);
        Assert.Equal(2, distance.SymmetricDifference(Labeled(source, 0.5), new UnlabeledDomain(target)).Value, 1e-12);
    }

    [Fact]
    public void Of_ThreeClasses_FindsTheSecondLikely()
    {
        // Class 2 wins on the target alone, before class 1; the rival that never names class 2 agrees on the source.
        var (source, target) = (cat([Even(-1, -0.2), Even(0.2, 1)]), Even(3, 4));

        var found = new DisparityDiscrepancy { Learner = Sharp }.Of(new Beyond(), source, target);

        Assert.Equal(1, found.Value, 0.02);
    }

    [Fact]
    public void Of_BadInput_IsRefused()
    {
        var distance = new DisparityDiscrepancy();
        var rows = Even(0, 1);
        Assert.Throws<ArgumentException>(() => distance.Of(new OneScore(), rows, rows));
        Assert.Throws<ArgumentException>(() => distance.Of(new Threshold(0.5), rows.narrow(0, 0, 3), rows));
        Assert.Throws<ArgumentException>(() =>
            distance.SymmetricDifference(new LabeledDomain(rows, rows), new UnlabeledDomain(rows))
        );
        Assert.Throws<ArgumentException>(() =>
            distance.SymmetricDifference(
                Labeled(rows, 0.4).WithWeights(ones(rows.shape[0], float64)),
                new UnlabeledDomain(rows)
            )
        );
    }

    // On [0, 1] and [0.5, 1.5] two thresholds disagree between them: on 0.5 of the source alone, on 0.2 of both, on 0.5
    // of the target alone.
    [Fact]
    public void Pairs_OfThresholds_DifferByTheIntervalsSharesAndStayBelowTheDistance()
    {
        ILabelPredictor[] thresholds = [new Threshold(0), new Threshold(0.5), new Threshold(0.7), new Threshold(1.5)];

        var report = new DisparityDiscrepancy { Learner = Sharp }.Pairs(
            thresholds,
            Labeled(Even(0, 1), 0.4),
            new UnlabeledDomain(Even(0.5, 1.5))
        );

        Assert.Equal(
            [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)],
            report.Pairs.Select(pair => (pair.First, pair.Second))
        );
        double[] ofSource = [0.5, 0.7, 1, 0.2, 0.5, 0.3];
        double[] ofTarget = [0, 0.2, 1, 0.2, 1, 0.8];
        foreach (var (pair, (source, target)) in report.Pairs.Zip(ofSource.Zip(ofTarget)))
        {
            Assert.Equal(source, pair.OnSource.Value, 0.005);
            Assert.Equal(target, pair.OnTarget.Value, 0.005);
            Assert.Equal(Math.Abs(source - target), pair.Gap.Value, 0.01);
            Assert.InRange(Math.Abs(source - target), pair.Gap.Lower, pair.Gap.Upper);
            // Lemma 3: half of the distance is 0.5.
            Assert.True(pair.Gap.Value <= 0.5 + 0.005, pair.ToString());
        }
        Assert.Equal(0.5, report.Searched.Value, 0.05);
        Assert.Equal(0.5, report.HalfDistance.Value, 0.05);
        Assert.Empty(report.Missed);
        Assert.Contains("No pair is above", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Pairs_OfASearchThatFindsNothing_AreThoseThatItMissed()
    {
        var report = new DisparityDiscrepancy { Learner = new SameClass() }.Pairs(
            [new Threshold(0), new Threshold(0.5), new Threshold(0.49)],
            Labeled(Even(0, 1), 0.4),
            new UnlabeledDomain(Even(0.5, 1.5))
        );

        Assert.Equal(0, report.Searched.Value);
        Assert.Equal([(0, 1), (0, 2)], report.Missed.Select(pair => (pair.First, pair.Second)));
        Assert.Equal((0, 1), (report.Largest.First, report.Largest.Second));
        Assert.Equal(report.Largest.Gap, report.HalfDistance);
        Assert.Contains("2 pair(s) above", report.ToString(), StringComparison.Ordinal);
    }

    // A gap of 0 is held by its interval in 95 of 100 draws of all pairs together, at least.
    [Fact]
    public void Pairs_OfManyHypotheses_HaveIntervalsThatHoldTogether()
    {
        var (n, wrong) = (200, 0);
        ILabelPredictor[] thresholds = [.. Enumerable.Range(1, 5).Select(i => new Threshold(i / 6.0))];
        for (var draw = 0; draw < 100; draw++)
        {
            using var turn = NewDisposeScope();
            using var generator = new RandomKey(draw).Generator();
            var source = Labeled(rand([n, 1], float64, generator: generator), 0.4);
            var target = new UnlabeledDomain(rand([n, 1], float64, generator: generator));

            var report = new DisparityDiscrepancy { Learner = new SameClass() }.Pairs(thresholds, source, target);

            wrong += report.Pairs.Any(pair => pair.Gap.Lower > 0) ? 1 : 0;
        }

        Assert.InRange(wrong, 0, 10);
    }

    [Fact]
    public void Pairs_OfBadInput_AreRefused()
    {
        var distance = new DisparityDiscrepancy();
        var source = Labeled(Even(0, 1), 0.4);
        var target = new UnlabeledDomain(Even(0, 1));
        void Refused(ILabelPredictor[] hypotheses) =>
            Assert.Throws<ArgumentException>("hypotheses", () => distance.Pairs(hypotheses, source, target));
        Refused([new Threshold(0.5)]);
        Refused([new Threshold(0.5), null!]);
        Refused([new Threshold(0.5), new OneScore()]);
        Refused([new Threshold(0.5), new Beyond()]);
        Assert.Throws<ArgumentNullException>("hypotheses", () => distance.Pairs(null!, source, target));
        Assert.Throws<ArgumentException>(() =>
            distance.Pairs([new Threshold(0), new Threshold(1)], source, new UnlabeledDomain(zeros(9, 2, float64)))
        );
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Even(double from, double to) => linspace(from, to, 500, float64).unsqueeze(1);

    private static LabeledDomain Labeled(Tensor rows, double threshold) =>
        new(rows, rows.squeeze(1).gt(threshold).to(int64), space: LabelSpace.Classes(2));

    private sealed class Threshold(double at) : ILabelPredictor
    {
        public Tensor Predict(Tensor features) => cat([zeros_like(features), features - at], 1);
    }

    // Class 0 below 0, class 1 up to 2, then class 2 and next to it class 1.
    private sealed class Beyond : ILabelPredictor
    {
        public Tensor Predict(Tensor features) => cat([features.neg(), features, (features * 2) - 2], 1);
    }

    private sealed class SameClass : ILabelLearner
    {
        public ILabelPredictor Fit(LabeledDomain data) => new Threshold(9);
    }

    private sealed class OneScore : ILabelPredictor
    {
        public Tensor Predict(Tensor features) => features;
    }
}
