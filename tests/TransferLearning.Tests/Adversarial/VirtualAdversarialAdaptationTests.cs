using TransferLearning.Adversarial;
using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class VirtualAdversarialAdaptationTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly double[] ofSource = [0.5, -2, 3];
    private readonly double[] ofTarget = [1, -0.3];

    [Theory]
    [InlineData(CriticLoss.CrossEntropy)]
    [InlineData(CriticLoss.LeastSquares)]
    [InlineData(CriticLoss.Hinge)]
    public void Losses_OfEachCriterion_AreTheirFormulas(CriticLoss criterion)
    {
        Func<double, double> isSource = criterion switch
        {
            CriticLoss.CrossEntropy => z => Math.Log(1 + Math.Exp(-z)),
            CriticLoss.LeastSquares => z => (z - 1) * (z - 1),
            _ => z => Math.Max(0, 1 - z),
        };
        Func<double, double> isTarget = criterion switch
        {
            CriticLoss.CrossEntropy => z => Math.Log(1 + Math.Exp(z)),
            CriticLoss.LeastSquares => z => z * z,
            _ => z => Math.Max(0, 1 + z),
        };
        double[] weights = [2, 0.5, 0.5];
        double Weighed(Func<double, double> loss) => ofSource.Zip(weights, (z, w) => w * loss(z)).Average();

        var critics = DomainAdversary.Loss(tensor(ofSource), tensor(ofTarget), tensor(weights), criterion: criterion);
        var extractors = DomainDisguise.Of(tensor(ofSource), tensor(ofTarget), tensor(weights), criterion);

        Assert.Equal(Weighed(isSource) + ofTarget.Average(isTarget), critics.item<double>(), 1e-12);
        var disguise =
            criterion == CriticLoss.Hinge
                ? Weighed(z => z) - ofTarget.Average()
                : Weighed(isTarget) + ofTarget.Average(isSource);
        Assert.Equal(disguise, extractors.item<double>(), 1e-12);
    }

    [Fact]
    public void Disguise_OfASureCritic_HasTheGradientThatAReversedOneHasLost()
    {
        var (source, target) = (full(1, 25.0, float64).requires_grad_(), full(1, -25.0, float64).requires_grad_());

        var disguise = autograd.grad([DomainDisguise.Of(source, target)], [source, target]);
        var reversed = autograd.grad([DomainAdversary.Loss(source, target)], [source, target]);

        Assert.Equal(1, disguise[0].item<double>(), 1e-9); // toward the target
        Assert.Equal(-1, disguise[1].item<double>(), 1e-9);
        Assert.InRange(Math.Abs(reversed[0].item<double>()), 0, 1e-10);
    }

    [Fact]
    public void DomainAdversary_OfACriterion_OpposesTheExtractorByIt()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var critic = Toy.Critic();
        Tensor Slope(CriticLoss criterion, double reversal)
        {
            var term = new DomainAdversary(critic, reversal) { Criterion = criterion };
            var value = term.Evaluate(Toy.Step(extractor, predictor));
            return autograd.grad([value], [extractor.Module.parameters().First()])[0];
        }

        foreach (var criterion in Enum.GetValues<CriticLoss>())
        {
            var slope = Slope(criterion, 1);
            Assert.True(slope.abs().sum().item<float>() > 0);
            Assert.True(Slope(criterion, 2).allclose(slope * 2, 1e-4, 1e-6));
        }
        Assert.False(Slope(CriticLoss.LeastSquares, 1).allclose(Slope(CriticLoss.CrossEntropy, 1)));
        Assert.Throws<ArgumentOutOfRangeException>("criterion", () => Slope((CriticLoss)7, 1));
    }

    [Fact]
    public void OpposeInTurns_Training_TeachesTheCriticFirst()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var critic = Toy.Critic();

        var training = new NetworkTraining(extractor, predictor)
            .Minimize(new CrossEntropy())
            .OpposeInTurns(critic, 0.3);

        Assert.Equal(
            [
                [critic],
                [extractor, predictor],
            ],
            training.Phases.Select(phase => phase.Moved.ToArray())
        );
        Assert.Equal(0.3, training.Phases[1].Objectives[^1].Weight.At(0.5));
    }

    [Fact]
    public void VirtualAdversarialTraining_OnSources_WeighsTheirRows()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var term = new VirtualAdversarialTraining { OnSources = true, Epsilon = 0.5 };
        float Value(Tensor? weights) => term.Evaluate(Toy.Step(extractor, predictor, weights: weights)).item<float>();

        var plain = Value(null);

        Assert.True(plain > 0);
        Assert.Equal(plain, Value(ones(8)), 1e-6f);
        Assert.Equal(0, Value(zeros(8)));
        // The means of halves put together again.
        var halves = cat([full(4, 2), zeros(4)]);
        Assert.Equal(2 * plain, Value(halves) + Value(2 - halves), 1e-6f);
        Assert.NotEqual(
            plain,
            (term with { OnSources = false }).Evaluate(Toy.Step(extractor, predictor)).item<float>()
        );
    }

    public void Dispose() => scope.Dispose();
}
