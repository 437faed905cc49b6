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

    [Fact]
    public void Fit_AfterABranchForEachSource_KeepsEachAndStartsFromTheFirst()
    {
        using var scope = NewDisposeScope();
        Toy.SeedModules(3);
        var (first, second) = (Toy.Extractor(), Toy.Extractor());

        using var model = new AdaptationBuilder()
            .Train(
                new PerDomainExtractor([first, second], first),
                Toy.Predictor(),
                net => net.Minimize(new CrossEntropy())
            )
            .Add(
                new AdversarialDiscriminativeAdaptation(Toy.Critic())
                {
                    Options = new TrainingOptions { Steps = 1, Optimizer = parameters => optim.SGD(parameters, 0) },
                }
            )
            .Fit(
                [Toy.Source(), Toy.Source(seed: 5)],
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions { Training = new TrainingOptions { Steps = 2 } }
            );

        Assert.Same(first, model.Extractor.For(DomainId.Source(0)));
        Assert.Same(second, model.Extractor.For(DomainId.Source(1)));
        var own = Assert.IsType<ModulePart>(model.Extractor.For(DomainId.Target));
        Assert.NotSame(first, own);
        Assert.Equal(Toy.Bits(first), Toy.Bits(own));
    }

    [Fact]
    public void Fit_GivenTargetBesideAChain_SaysThatItDoesNotStartFromTheSource()
    {
        using var scope = NewDisposeScope();
        Toy.SeedModules(3);
        var chain = ExtractorChain.Of(Toy.Extractor(), new ModulePart(() => nn.Linear(8, 8)));
        var own = Toy.Extractor();
        var before = Toy.Bits(own);
        var log = new LogLines();

        using var model = new AdaptationBuilder()
            .Train(chain, Toy.Predictor(), net => net.Minimize(new CrossEntropy()))
            .Add(
                new AdversarialDiscriminativeAdaptation(Toy.Critic(), own)
                {
                    Options = new TrainingOptions { Steps = 1, Optimizer = parameters => optim.SGD(parameters, 0) },
                }
            )
            .Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions
                {
                    Logger = log,
                    Training = new TrainingOptions { Steps = 2 },
                }
            );

        Assert.Equal(before, Toy.Bits(own));
        Assert.Contains(
            log.Warnings,
            line => line.Contains("ExtractorChain, whose parameters cannot be copied", StringComparison.Ordinal)
        );
    }
}
