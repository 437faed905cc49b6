using TransferLearning.Adversarial;
using TransferLearning.Tests.Instance;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class SelectiveAdversaryTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_SomeLogits_IsTheSumOverClassesAndRows()
    {
        var (source, target) = (Waves.Rows(3, 2, 1), Waves.Rows(5, 2, 2));
        var (ofSource, ofTarget) = (Waves.Rows(3, 2, 3).softmax(1), Waves.Rows(5, 2, 4).softmax(1));
        var weights = tensor(new[] { 0.5, 1, 1.5 });
        var (d, t) = (source.sigmoid(), target.sigmoid());
        var classes = tensor(new[] { 0.6, 1.4 });
        var expected =
            -((classes * ofSource * d.log() * weights.unsqueeze(1)).sum() + (classes * ofTarget * (1 - t).log()).sum())
            / 8;

        var value = SelectiveAdversary.Of(source, target, ofSource, ofTarget, classes * 7, weights);

        Assert.Equal(expected.item<double>(), value.item<double>(), 1e-12);
    }

    [Fact]
    public void Evaluate_Slopes_AreReversedForTheExtractor()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var first = Toy.Critic();
        using var second = Toy.Critic();
        double Slope(double reversal)
        {
            var value = new SelectiveAdversary([first, second], reversal).Evaluate(Toy.Step(extractor, predictor));
            return autograd.grad([value], [extractor.Module.parameters().First()])[0].abs().sum().item<float>();
        }

        Assert.True(Slope(1) > 0);
        Assert.Equal(Slope(1) / 2, Slope(0.5), 1e-6);
        Assert.Equal(0, Slope(0));
    }

    [Fact]
    public void Classes_OverSteps_CountAllTargetRowsSeen()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var first = Toy.Critic();
        using var second = Toy.Critic();
        var adversary = new SelectiveAdversary([first, second], 1);
        var step = Toy.Step(extractor, predictor);
        var view = new TrainingView(
            new DomainSet([Toy.Source(rows: 8)], Toy.LabeledTarget(rows: 6).WithoutLabels()),
            extractor,
            predictor,
            0,
            0,
            0,
            new RandomKey(1)
        );
        var once = adversary.Evaluate(step).item<float>();

        adversary.OnStart(view);
        adversary.OnStepped(view, step);

        // The same rows again: twice the sums, the same shares.
        Assert.Equal(once, adversary.Evaluate(Toy.Step(extractor, predictor)).item<float>(), 1e-5f);
        using var saving = StateBag.ForSaving();
        adversary.Exchange(saving);
        adversary.OnEnd();
    }

    [Fact]
    public void San_OnATargetOfTwoOfFourClasses_ReadsMoreThanTheUnweightedAdversary()
    {
        var plain = ExampleTransferTests.Read(
            (extractor, predictor) => Recipes.Dann(extractor, predictor, Toy.Critic())
        );
        var selective = ExampleTransferTests.Read(
            (extractor, predictor) =>
                Recipes.San(extractor, predictor, [Toy.Critic(), Toy.Critic(), Toy.Critic(), Toy.Critic()])
        );

        Assert.True(selective > plain + 0.05, $"selective {selective:P1}, not {plain:P1}");
    }

    [Fact]
    public void Fit_WithTooFewCritics_IsRefusedWithTheirNumber()
    {
        var chain = Recipes.San(Toy.Extractor(), Toy.Predictor(), (IDomainCritic[])[Toy.Critic()]);

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            chain.Fit(Toy.Source(rows: 32), Toy.LabeledTarget().WithoutLabels())
        );

        Assert.Contains("a critic for each of the 2 classes; got 1", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new SelectiveAdversary([]));
    }

    public void Dispose() => scope.Dispose();
}
