using TransferLearning.Evaluation;
using TransferLearning.Predictors;
using TransferLearning.Selection;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Selection;

/// <summary>Temperatures that make probabilities right on the target.</summary>
public sealed class TemperatureScalingTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // Rows with a large second feature have labels by chance, the target has more of them, and the model is told
    // nothing of it: its logits are three times those that are right for the first rows.
    [Fact]
    public void Fit_UnderCovariateShift_LowersTheTargetsCalibrationErrorMoreThanTheSourceAloneDoes()
    {
        using var model = new AdaptedModel(new Rows(), new Steep());
        var test = Drawn(4000, 3, 1);
        double Error(Tensor probabilities) => ExpectedCalibrationError.Of(probabilities, test.Labels);
        double After(CalibrationRule rule) =>
            Enumerable
                .Range(0, 10)
                .Average(draw =>
                    Error(
                        new TemperatureScaling { Rule = rule }
                            .Fit(model, Drawn(500, 100 + draw, 0), Drawn(500, 200 + draw, 1).WithoutLabels())
                            .PredictProbabilities(test.Inputs)
                    )
                );

        var before = Error(model.PredictProbabilities(test.Inputs));
        var (source, brier, transferable) = (
            After(CalibrationRule.Source),
            After(CalibrationRule.WeightedBrier),
            After(CalibrationRule.Transferable)
        );

        output.WriteLine($"{before:F3}; source {source:F3}, Brier {brier:F3}, transferable {transferable:F3}");
        Assert.True(source < before, $"{source} beside {before}");
        Assert.True(brier < source - 0.01, $"{brier} beside {source}");
        Assert.True(transferable < source - 0.01, $"{transferable} beside {source}");
    }

    [Fact]
    public void Fit_BySourceAlone_FindsTheTemperatureOfLeastCrossEntropy()
    {
        using var model = new AdaptedModel(new Rows(), new Steep());
        var calibration = Drawn(400, 1, 0);
        var logits = model.Predict(calibration.Inputs);
        double Loss(double t) => nn.functional.cross_entropy(logits / t, calibration.Labels).ToDouble();

        var fitted = new TemperatureScaling { Rule = CalibrationRule.Source }.Fit(
            model,
            calibration,
            calibration.WithoutLabels()
        );

        Assert.True(Loss(fitted.Temperature) <= Loss(fitted.Temperature * 1.01));
        Assert.True(Loss(fitted.Temperature) <= Loss(fitted.Temperature / 1.01));
        Assert.Same(model, fitted.Model);
    }

    // NumPy, as the authors' program computes it.
    [Fact]
    public void TargetError_OfSomeRows_IsNumPysFigure()
    {
        var errors = tensor(new[] { 0.0, 1, 0, 0, 1, 1, 0, 0 });
        var weights = tensor(new[] { 0.5, 2.0, 1.1, 0.2, 1.7, 0.9, 0.4, 1.3 });

        Assert.Equal(0.5134006143045193, TemperatureScaling.TargetError(errors, weights, 0.7), 1e-12);
        Assert.Equal(0, TemperatureScaling.TargetError(zeros(5), ones(5), 0.9), 1e-12);
        Assert.Equal(0.5, TemperatureScaling.TargetError(tensor(new[] { 0.0, 1 }), ones(2), 0.5), 1e-12);
        Assert.Throws<ArgumentException>(() => TemperatureScaling.TargetError(errors, ones(3), 0.7));
    }

    [Fact]
    public void TargetError_OfWeightsAlikeButForRounding_IsTheirErrorItself()
    {
        var errors = arange(1000, dtype: float64).remainder(2);
        var weights = (errors * 2.3e-16) + 1.2;
        Assert.True(weights.max().item<double>() > weights.min().item<double>());

        Assert.Equal(0.36, TemperatureScaling.TargetError(errors, weights, 0.7), 1e-9);
    }

    [Fact]
    public void Probabilities_OfATemperature_AreThoseOfDividedLogitsAndKeepTheClass()
    {
        using var model = new AdaptedModel(new Rows(), new Steep());
        var rows = Drawn(50, 4, 0).Inputs;
        var tempered = new CalibratedModel(model, 2.5).PredictProbabilities(rows);

        Assert.True(tempered.allclose((model.Predict(rows) / 2.5).softmax(1), 1e-12, 1e-12));
        Assert.True(tempered.argmax(1).equal(model.PredictClasses(rows)).all().item<bool>());
    }

    [Fact]
    public void Fit_WhatDoesNotFit_IsRefused()
    {
        using var model = new AdaptedModel(new Rows(), new Steep());
        var (drawn, scaling) = (Drawn(20, 1, 0), new TemperatureScaling());
        var target = drawn.WithoutLabels();

        Assert.Throws<ArgumentException>(() => scaling.Fit(model, new LabeledDomain(drawn.Inputs, rand(20)), target));
        Assert.Throws<ArgumentException>(() =>
            scaling.Fit(model, new LabeledDomain(drawn.Inputs, drawn.Labels, space: LabelSpace.Classes(3)), target)
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => (scaling with { Exponent = 1.5 }).Fit(model, drawn, target));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CalibratedModel(model, 0));
    }

    public void Dispose() => scope.Dispose();

    private static LabeledDomain Drawn(long rows, long seed, double move)
    {
        using var generator = new RandomKey(seed).Generator();
        var inputs = randn([rows, 2], float64, generator: generator);
        inputs.select(1, 1).add_(move);
        var share = where(inputs.select(1, 1).gt(1), full(rows, 0.5, float64), (inputs.select(1, 0) * 2).sigmoid());
        var labels = rand(rows, dtype: float64, generator: generator).lt(share).to(int64);
        return new LabeledDomain(inputs, labels, space: LabelSpace.Classes(2));
    }

    private sealed class Rows : IFeatureExtractor
    {
        public Tensor Extract(Tensor inputs) => inputs.alias();
    }

    private sealed class Steep : ILabelPredictor
    {
        public Tensor Predict(Tensor features)
        {
            using var inner = NewDisposeScope();
            var logits = features.select(1, 0) * 6;
            return stack([zeros_like(logits), logits], 1).MoveToOuterDisposeScope();
        }
    }
}
