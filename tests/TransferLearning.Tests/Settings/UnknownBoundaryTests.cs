using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

public sealed class UnknownBoundaryTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Fit_ToASourceWithoutRoomForUnknownRows_IsRefusedWithTheRemedy()
    {
        var chain = Recipes.Osbp(Toy.Extractor(), Toy.Predictor());

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            chain.Fit(Toy.Source(rows: 32), Toy.LabeledTarget().WithoutLabels())
        );

        Assert.Contains("source rows have the class 1, the last one", fault.Message, StringComparison.Ordinal);
        Assert.Contains("source.WithUnknown()", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_SomeScores_IsTheCrossEntropyOfTheLastClass()
    {
        var p = tensor(new[] { 0.2, 0.3, 0.5, 0.6, 0.3, 0.1 }).reshape(2, 3);
        var expected = -((0.3 * (Math.Log(0.5) + Math.Log(0.1))) + (0.7 * (Math.Log(0.5) + Math.Log(0.9)))) / 2;

        Assert.Equal(expected, UnknownBoundary.Of(p.log(), 0.3, epsilon: 0).item<double>(), 1e-12);
        Assert.Equal(expected, UnknownBoundary.Of(p.log() + 7, 0.3, epsilon: 0).item<double>(), 1e-12);
        Assert.Equal(
            -0.5 * (Math.Log(0.5 + 0.1) + Math.Log(0.5 + 0.1)),
            UnknownBoundary.Of(p.log().narrow(0, 0, 1), 0.5, epsilon: 0.1).item<double>(),
            1e-12
        );
        Assert.True(
            UnknownBoundary
                .Of(
                    tensor(
                        new[,]
                        {
                            { 900.0, -900 },
                            { -900, 900 },
                        }
                    )
                )
                .isfinite()
                .item<bool>()
        );
    }

    [Fact]
    public void Evaluate_Slopes_AreOppositeForClassifierAndExtractor()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor(classes: 3);
        IList<Tensor> Slopes(Func<StepContext, Tensor> term) =>
            autograd.grad(
                [term(Toy.Step(extractor, predictor))],
                [predictor.Module.parameters().First(), extractor.Module.parameters().First()]
            );

        var plain = Slopes(step => UnknownBoundary.Of(step.Scores(step.Target)));
        var opposed = Slopes(new UnknownBoundary { Reversal = 0.5 }.Evaluate);

        Assert.True(plain[1].abs().sum().item<float>() > 0);
        Assert.True(opposed[0].allclose(plain[0], 1e-4, 1e-6));
        Assert.True(opposed[1].allclose(plain[1] * -0.5, 1e-4, 1e-6));
    }

    [Fact]
    public void Of_ScoresWithoutAKnownClass_AreRefused()
    {
        var refused = Assert.Throws<ArgumentException>(() => UnknownBoundary.Of(zeros(4, 1)));
        Assert.Contains("WithUnknown", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => UnknownBoundary.Of(zeros(4, 3), boundary: 1));
    }

    public void Dispose() => scope.Dispose();
}
