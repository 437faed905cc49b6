using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>
/// The same seed gives the same bits; nothing that looks on changes them, and the caller's generator is left as it was.
/// </summary>
public sealed class DeterminismTests
{
    [Fact]
    public void Fit_TwiceWithOneSeed_GivesTheSameBits() => Assert.Equal(Run(seed: 1), Run(seed: 1));

    [Fact]
    public void Fit_WithAnotherSeed_GivesOtherBits() => Assert.NotEqual(Run(seed: 1), Run(seed: 2));

    [Fact]
    public void Fit_WithObserversThatDrawAndPredict_GivesTheSameBits() =>
        Assert.Equal(Run(seed: 1), Run(seed: 1, new Meddler()));

    [Fact]
    public void Fit_Afterwards_LeavesTheGlobalGeneratorAsItWas()
    {
        using var scope = NewDisposeScope();
        Toy.SeedModules(7);
        using var extractor = Toy.Extractor(dropout: 0.3);
        using var predictor = Toy.Predictor();
        Toy.SeedModules(42);
        var expected = rand(4).data<float>().ToArray();
        Toy.SeedModules(42);

        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions { Training = new TrainingOptions { Steps = 3 } }
            );

        Assert.Equal(expected, rand(4).data<float>().ToArray());
    }

    private static byte[] Run(long seed, params IReadOnlyList<ITrainingObserver> observers)
    {
        using var scope = NewDisposeScope();
        Toy.SeedModules(7);
        using var extractor = Toy.Extractor(dropout: 0.3, hasNormalization: true);
        using var predictor = Toy.Predictor();
        using var critic = Toy.Critic();
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Oppose(critic))
            .Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions
                {
                    Seed = seed,
                    Observers = observers,
                    Training = new TrainingOptions { Steps = 25 },
                }
            );
        return Toy.Bits(extractor, predictor, critic);
    }

    private sealed class Meddler : ITrainingObserver
    {
        public void OnStep(StepReport report)
        {
            _ = rand(3); // moves the global generator
            Assert.All(report.Objectives, pair => Assert.True(double.IsFinite(pair.Value)));
        }

        public void OnEpoch(EpochReport report)
        {
            using var features = report.View.Extractor.Extract(report.View.Domains.Target.Inputs);
            Assert.False(features.requires_grad);
        }
    }
}
