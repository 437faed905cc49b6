using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class StochasticClassifiersTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void StochasticClassifier_InTraining_DrawsAroundItsMean()
    {
        Toy.SeedModules(3);
        using var classifier = new StochasticClassifier(1, 1);
        classifier.eval();
        var mean = classifier.call(ones(1, 1)).item<float>();
        Assert.Equal(mean, classifier.call(ones(1, 1)).item<float>());
        classifier.train();

        var draws = Enumerable.Range(0, 2000).Select(_ => (double)classifier.call(ones(1, 1)).item<float>()).ToList();

        Assert.InRange(draws.Average(), mean - 0.05, mean + 0.05);
        var spread = Math.Sqrt(draws.Average(draw => (draw - mean) * (draw - mean)));
        Assert.InRange(spread, 0.47, 0.53); // sigmoid(0)
    }

    [Fact]
    public void Terms_InEvaluation_AreThoseOfTheMean()
    {
        using var extractor = Toy.Extractor();
        using var predictor = new ModulePart(() => new StochasticClassifier(8, 2));
        predictor.Module.eval();
        var step = Toy.Step(extractor, predictor);

        Assert.Equal(
            0,
            new StochasticDiscrepancy { Draws = 3 }
                .Evaluate(step)
                .item<float>()
        );
        Assert.Equal(
            3 * new CrossEntropy().Evaluate(step).item<float>(),
            new StochasticCrossEntropy { Draws = 3 }
                .Evaluate(step)
                .item<float>(),
            1e-4f
        );
    }

    [Fact]
    public void Terms_InTraining_ReachMeanAndSpread()
    {
        Toy.SeedModules(3);
        using var extractor = Toy.Extractor();
        using var predictor = new ModulePart(() => new StochasticClassifier(8, 2));
        predictor.Module.train();
        var step = Toy.Step(extractor, predictor);
        var moved = predictor.Module.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);

        foreach (IObjective term in new IObjective[] { new StochasticCrossEntropy(), new StochasticDiscrepancy() })
        {
            var value = term.Evaluate(step);
            var slopes = autograd.grad([value], [moved["mean"], moved["spread"]]);
            Assert.True(value.item<float>() > 0);
            Assert.All(slopes, slope => Assert.True(slope.abs().sum().item<float>() > 0));
        }
    }

    [Fact]
    public void OpposeDraws_Training_MovesEachPartInItsPhases()
    {
        using var extractor = Toy.Extractor();
        using var predictor = new ModulePart(() => new StochasticClassifier(8, 2));

        var training = new NetworkTraining(extractor, predictor).OpposeDraws(extractorSteps: 3);

        Assert.Equal(
            [
                [extractor, predictor],
                [predictor],
                [extractor],
            ],
            training.Phases.Select(phase => phase.Moved.ToArray())
        );
        Assert.Equal([1, 1, 3], training.Phases.Select(phase => phase.Times));
        Assert.Equal(-1, training.Phases[1].Objectives[^1].Weight.At(0));
    }

    public void Dispose() => scope.Dispose();
}
