using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class AdversarialDiscriminativeAdaptationTests
{
    [Theory]
    [InlineData(0, false)]
    [InlineData(0.1, true)]
    public void Fit_OwnCriticOptimizer_MovesTheCriticByItsRate(double rate, bool moves)
    {
        using var scope = NewDisposeScope();
        Toy.SeedModules(3);
        var (extractor, predictor, critic) = (Toy.Extractor(), Toy.Predictor(), Toy.Critic());
        var before = critic.Module.parameters().First().detach().clone();

        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Add(
                new AdversarialDiscriminativeAdaptation(critic)
                {
                    CriticOptimizer = parameters => optim.SGD(parameters, rate),
                }
            )
            .Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions
                {
                    Seed = 1,
                    Training = new TrainingOptions { Steps = 2, BatchSize = 8 },
                }
            );

        Assert.Equal(moves, !critic.Module.parameters().First().Equals(before));
    }
}
