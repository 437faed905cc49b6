using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class MultipleSourceAdversaryTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly double[] errors = [0.2, 0.5, 0.1];
    private readonly double[] losses = [1.3, 0.4, 0.9];

    [Fact]
    public void Of_ErrorsAndLosses_IsItsFormula()
    {
        var (e, d) = (tensor(errors), tensor(losses));
        double[] sums = [.. errors.Zip(losses, (error, loss) => error + (0.3 * loss))];
        double[] marks = [.. errors.Zip(losses, (error, loss) => Math.Exp(2 * (error - (0.3 * loss))))];

        Assert.Equal(
            Math.Log(sums.Sum(sum => Math.Exp(2 * sum))) / 2,
            MultipleSourceAdversary.Of(e, d, SourceCombination.Soft, 0.3, 2).item<double>(),
            1e-12
        );
        Assert.Equal(
            0.5 + (0.3 * 0.4),
            MultipleSourceAdversary.Of(e, d, SourceCombination.Hard, 0.3).item<double>(),
            1e-12
        );
        Assert.Equal(
            sums.Zip(marks, (sum, mark) => sum * mark).Sum() / marks.Sum(),
            MultipleSourceAdversary
                .Of(e, d, SourceCombination.Soft, 0.3, 2, prefersDistantSources: true)
                .item<double>(),
            1e-12
        );
        Assert.Equal(
            sums.Max(),
            MultipleSourceAdversary.Of(e, d, criticFactor: 0.3, sharpness: 1e4).item<double>(),
            1e-3
        );
        Assert.Throws<ArgumentException>("losses", () => MultipleSourceAdversary.Of(e, d.narrow(0, 0, 2)));
    }

    [Fact]
    public void Evaluate_OfTwoSources_CombinesTheirErrorsAndCritics()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var first = Toy.Critic();
        using var second = Toy.Critic();
        var step = Toy.Step(extractor, predictor, sources: 2);
        var target = step.Features(step.Target);
        Tensor Loss(ModulePart critic, LabeledBatch batch) =>
            DomainAdversary.Loss(critic.Judge(step.Features(batch)).reshape(-1), critic.Judge(target).reshape(-1));

        var value = new MultipleSourceAdversary([first, second]).Evaluate(step).item<float>();

        var expected = MultipleSourceAdversary.Of(
            stack([.. step.Sources.Select(batch => CrossEntropy.Of(step.Scores(batch), batch.Labels))]),
            stack([Loss(first, step.Sources[0]), Loss(second, step.Sources[1])])
        );
        Assert.Equal(expected.item<float>(), value, 1e-5f);
    }

    [Fact]
    public void Fit_WithoutACriticForEachSource_IsRefusedInThePlan()
    {
        using var critic = Toy.Critic();
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            Recipes
                .Mdan(extractor, predictor, [critic])
                .Fit([Toy.Source(), Toy.Source(seed: 4)], Toy.LabeledTarget().WithoutLabels())
        );

        Assert.Contains("each of the 2 source(s); got 1", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("critics", () => new MultipleSourceAdversary([]));
    }

    public void Dispose() => scope.Dispose();
}
