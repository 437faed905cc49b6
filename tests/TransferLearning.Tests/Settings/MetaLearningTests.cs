using TransferLearning.Objectives;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

public sealed class MetaLearningTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_TwoParabolas_AddsTheSlopeAfterTheInnerStep(bool hasPlainSteps)
    {
        var p = tensor(new[] { 0.5 }).requires_grad_();
        var method = new MetaLearning
        {
            Factor = 3,
            Rate = 0.1,
            HasPlainSteps = hasPlainSteps,
        };

        var (value, slopes) = method.Of([() => (p - 1).square().sum(), () => (p + 2).square().sum()], [p]);

        double Moved(double slope) => 0.5 - (0.1 * (hasPlainSteps ? slope : Math.Sign(slope)));
        var (first, second) = (Moved(2 * (0.5 - 1)), Moved(2 * (0.5 + 2)));
        var slope = (2 * (0.5 - 1)) + (2 * (0.5 + 2)) + (3 * ((2 * (first + 2)) + (2 * (second - 1))));
        var risk = 0.25 + 6.25 + (3 * (Math.Pow(first + 2, 2) + Math.Pow(second - 1, 2)));
        Assert.Equal(slope / 2, slopes[0].item<double>(), 1e-7);
        Assert.Equal(risk / 2, value.item<double>(), 1e-7);
        Assert.Equal(0.5, p.item<double>()); // put back to the bit
        Assert.False(value.requires_grad);
    }

    [Fact]
    public void Evaluate_WithoutAFactor_HasTheSlopesOfTheMeanRisk()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var parameter = extractor.Module.parameters().First();
        Tensor Slope(IObjective objective) =>
            autograd.grad([objective.Evaluate(Toy.Step(extractor, predictor, sources: 3))], [parameter])[0];

        var plain = Slope(new SourceRisk());

        Assert.True(Slope(new MetaLearning { Factor = 0 }).allclose(plain, 1e-4, 1e-6));
        Assert.False(Slope(new MetaLearning()).allclose(plain, 1e-4, 1e-6));
    }

    [Fact]
    public void Fit_BehindAnotherObjective_IsRefused()
    {
        var chain = new AdaptationBuilder().Train(
            Toy.Extractor(),
            Toy.Predictor(),
            net => net.Minimize(new CrossEntropy()).Minimize(new MetaLearning())
        );

        var fault = Assert.Throws<InvalidAdaptationException>(() => chain.FitWithoutTarget(SourceRuns.Two()));

        Assert.Contains("the first objective of its phase", fault.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidAdaptationException>(() =>
            Recipes.Mldg(Toy.Extractor(), Toy.Predictor()).FitWithoutTarget([Toy.Source()])
        );
    }

    [Fact]
    public void Mldg_OnTwoSources_ReadsADomainThatItHasNotSeen()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor(hasNormalization: true);
        using var predictor = Toy.Predictor();
        var unseen = Toy.LabeledTarget();
        var options = new FitOptions { Training = new TrainingOptions { Steps = 300 } };

        using var model = Recipes.Mldg(extractor, predictor).FitWithoutTarget(SourceRuns.Two(), options);

        using var classes = model.PredictClasses(unseen.Inputs);
        Assert.True(Evaluation.AccuracyInterval.Of(classes, unseen.Labels).Value > 0.8);
    }

    public void Dispose() => scope.Dispose();
}
