using TransferLearning.Predictors;
using TransferLearning.Selection;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Selection;

/// <summary>Sets of classes that hold the right one with a given probability.</summary>
public sealed class ConformalPredictionTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Sets_UnderCovariateShift_HoldNineOfTenOnlyWhereWeighted()
    {
        // The labels of rows with a large second feature are drawn by chance, and the target has more of those.
        using var model = new AdaptationBuilder()
            .Learn(new LogisticRegression())
            .Fit(Drawn(800, 1, 0), Drawn(800, 2, 1).WithoutLabels());
        var test = Drawn(4000, 3, 1);
        var (weighted, plain) = (new List<double>(), new List<double>());
        for (var draw = 0; draw < 20; draw++)
        {
            var calibration = Drawn(500, 100 + draw, 0);
            var target = Drawn(500, 200 + draw, 1).WithoutLabels();
            weighted.Add(Coverage(new ConformalPrediction(), calibration, target));
            plain.Add(Coverage(new ConformalPrediction { IsWeighted = false }, calibration, target));
        }

        // A calibration of some 200 rows in effect scatters by 0.02, the mean of 20 by 0.005.
        Assert.InRange(weighted.Average(), 0.88, 0.93);
        Assert.True(plain.Average() < 0.85, $"{plain.Average()}");

        double Coverage(ConformalPrediction prediction, LabeledDomain calibration, UnlabeledDomain target)
        {
            using var predictor = prediction.Fit(model, calibration, target);
            var sets = predictor.Sets(test.Inputs);
            return sets.gather(1, test.Labels.unsqueeze(1)).to(float64).mean().ToDouble();
        }
    }

    [Fact]
    public void Sets_OfAlikeDomains_HoldNineOfTen()
    {
        using var model = new AdaptationBuilder()
            .Learn(new LogisticRegression())
            .Fit(Drawn(400, 1, 0), Drawn(400, 2, 0).WithoutLabels());
        var test = Drawn(4000, 3, 0);
        var shares = Enumerable
            .Range(0, 20)
            .Select(draw =>
            {
                using var predictor = new ConformalPrediction { IsWeighted = false }.Fit(
                    model,
                    Drawn(300, 300 + draw, 0),
                    test.WithoutLabels()
                );
                return predictor.Sets(test.Inputs).gather(1, test.Labels.unsqueeze(1)).to(float64).mean().ToDouble();
            })
            .Average();

        Assert.InRange(shares, 0.89, 0.92);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.8)]
    [InlineData(0.9)]
    public void Sets_OfKnownRatios_AreThoseOfTheDefinition(double confidence)
    {
        // Probabilities of two classes by the first feature, the logarithm of the density ratio is the second.
        var inputs = rand([40, 2], float64, generator: new RandomKey(1).Generator());
        var labels = arange(40).remainder(2);
        using var model = new AdaptedModel(new Rows(), new Shares());
        var prediction = new ConformalPrediction { Confidence = confidence, Classifier = new KnownRatio() };

        using var predictor = prediction.Fit(
            model,
            new LabeledDomain(inputs, labels, space: LabelSpace.Classes(2)),
            new UnlabeledDomain(inputs)
        );
        var rows = rand([30, 2], float64, generator: new RandomKey(2).Generator());
        var sets = predictor.Sets(rows).data<bool>().ToArray();

        var (first, second) = (Numbers(inputs, 0), Numbers(inputs, 1));
        var (x, ratio) = (Numbers(rows, 0), Numbers(rows, 1));
        var scores = first.Select((p, i) => (Score: i % 2 == 0 ? p : 1 - p, Weight: Math.Exp(second[i]))).ToList();
        for (var row = 0; row < x.Length; row++)
        {
            var total = scores.Sum(one => one.Weight) + Math.Exp(ratio[row]);
            foreach (var (c, score) in new[] { x[row], 1 - x[row] }.Index())
            {
                // In the set where the rows with a lower score have less than the confidence.
                var below = scores.Where(one => one.Score < score).Sum(one => one.Weight);
                Assert.Equal(below / total < confidence, sets[(2 * row) + c]);
            }
        }
    }

    [Fact]
    public void Classes_OfRowsBetweenTheClasses_AreRefused()
    {
        var inputs = tensor(new[] { 0.02, 0.0, 0.98, 0.0, 0.1, 0.0, 0.9, 0.0 }, [4, 2]).repeat(10, 1);
        var labels = tensor(new long[] { 0, 1, 0, 1 }).repeat(10);
        using var model = new AdaptedModel(new Rows(), new Shares());
        using var predictor = new ConformalPrediction { IsWeighted = false }.Fit(
            model,
            new LabeledDomain(inputs, labels),
            new UnlabeledDomain(inputs)
        );

        // The largest score of a right class is 0.1.
        var classes = predictor.Classes(tensor(new[] { 0.05, 0, 0.5, 0, 0.97, 0 }, [3, 2]));

        Assert.Equal([0L, ConformalPredictor.Rejected, 1L], classes.data<long>().ToArray());
        Assert.Equal(40, predictor.EffectiveRows, 1e-9);
        Assert.Equal(0.9, predictor.Confidence);
    }

    [Fact]
    public void Sets_OfARowFarFromTheCalibration_HoldEveryClass()
    {
        var inputs = rand([40, 2], float64, generator: new RandomKey(1).Generator());
        using var model = new AdaptedModel(new Rows(), new Shares());
        using var predictor = new ConformalPrediction { Classifier = new KnownRatio() }.Fit(
            model,
            new LabeledDomain(inputs, arange(40).remainder(2)),
            new UnlabeledDomain(inputs)
        );

        // Its weight, about exp(3.5), is more than a tenth of the 40 rows' weight.
        var sets = predictor.Sets(tensor(new[] { 0.0, 3.5 }, [1, 2]));

        Assert.True(sets.all().ToBoolean());
    }

    [Fact]
    public void Fit_WhatDoesNotFit_IsRefused()
    {
        var inputs = rand([8, 2], float64, generator: new RandomKey(1).Generator());
        using var model = new AdaptedModel(new Rows(), new Shares());
        var target = new UnlabeledDomain(inputs);
        var prediction = new ConformalPrediction();

        Assert.Throws<ArgumentException>(() => prediction.Fit(model, new LabeledDomain(inputs, rand(8)), target));
        Assert.Throws<ArgumentException>(() =>
            prediction.Fit(model, new LabeledDomain(inputs, arange(8), space: LabelSpace.Classes(9)), target)
        );
        Assert.Throws<ArgumentException>(() =>
            prediction.Fit(
                model,
                new LabeledDomain(inputs, arange(8).remainder(2), ones(8, float64), LabelSpace.Classes(2)),
                target
            )
        );
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new ConformalPrediction { Confidence = 1 }.Fit(
                model,
                new LabeledDomain(inputs, arange(8).remainder(2)),
                target
            )
        );
        var predictor = prediction.Fit(model, new LabeledDomain(inputs, arange(8).remainder(2)), target);
        predictor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => predictor.Sets(inputs));
    }

    [Fact]
    public void Fit_WhoseClassifierCannotJudge_DisposesIt()
    {
        var inputs = rand([8, 2], float64, generator: new RandomKey(1).Generator());
        using var model = new AdaptedModel(new Rows(), new Shares());
        var broken = new Broken();

        Assert.Throws<InvalidOperationException>(() =>
            new ConformalPrediction { Classifier = broken }.Fit(
                model,
                new LabeledDomain(inputs, arange(8).remainder(2)),
                new UnlabeledDomain(inputs)
            )
        );

        Assert.True(broken.IsDisposed);
    }

    public void Dispose() => scope.Dispose();

    private static double[] Numbers(Tensor rows, long column) => rows.select(1, column).data<double>().ToArray();

    private static LabeledDomain Drawn(long count, long seed, double shift)
    {
        using var generator = new RandomKey(seed).Generator();
        var rows = randn([count, 2], float64, generator: generator);
        rows.select(1, 1).add_(shift);
        var byRule = rows.select(1, 0).gt(0);
        var byChance = rand([count], generator: generator).gt(0.5);
        var labels = where(rows.select(1, 1).gt(1), byChance, byRule).to(int64);
        return new LabeledDomain(rows, labels, space: LabelSpace.Classes(2));
    }

    private sealed class Rows : IFeatureExtractor
    {
        public Tensor Extract(Tensor inputs) => inputs.alias();
    }

    /// <summary>The second class' probability is the first feature.</summary>
    private sealed class Shares : ILabelPredictor
    {
        public ScoreKind ScoreKind => ScoreKind.Probabilities;

        public Tensor Predict(Tensor features)
        {
            var first = features.select(1, 0);
            return stack([1 - first, first], 1);
        }
    }

    private sealed class Broken : ILabelLearner, ILabelPredictor, IDisposable
    {
        public bool IsDisposed { get; private set; }

        public ILabelPredictor Fit(LabeledDomain data) => this;

        public Tensor Predict(Tensor features) => throw new InvalidOperationException("it cannot judge");

        public void Dispose() => IsDisposed = true;
    }

    private sealed class KnownRatio : ILabelLearner, ILabelPredictor
    {
        public ILabelPredictor Fit(LabeledDomain data) => this;

        public Tensor Predict(Tensor features)
        {
            var ratio = features.select(1, 1);
            return stack([zeros_like(ratio), ratio], 1);
        }
    }
}
