using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>Two trainable parts over one module are one and the same to a training.</summary>
public sealed class SharedModulesTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly nn.Module<Tensor, Tensor> module = nn.Sequential(nn.Linear(4, 8), nn.Tanh());
    private readonly ModulePart predictor = Toy.Predictor();

    [Fact]
    public void Phase_OfAnotherPartOverTheModule_MovesIt()
    {
        var before = Toy.Bits(new Lent(module));

        Fit(net =>
            net.Minimize(new CrossEntropy(), 0)
                .Phase(phase => phase.Move(new Lent(module)).Minimize(new CrossEntropy()))
        );

        Assert.NotEqual(before, Toy.Bits(new Lent(module)));
    }

    // What the first phase has computed without a graph must not serve the second one.
    [Fact]
    public void Phase_AfterOneThatReadTheModuleAsFrozen_MovesIt()
    {
        var before = Toy.Bits(new Lent(module));

        Fit(net =>
            net.Phase(phase => phase.Move(predictor).Minimize(new CrossEntropy()))
                .Phase(phase => phase.Move(new Lent(module)).Minimize(new CrossEntropy()))
        );

        Assert.NotEqual(before, Toy.Bits(new Lent(module)));
    }

    [Fact]
    public void Optimizer_OfAnotherPartOverTheModule_IsThatOfTheModule()
    {
        var before = Toy.Bits(new Lent(module));

        Fit(net => net.Minimize(new CrossEntropy()).Optimize(new Lent(module), parameters => optim.SGD(parameters, 0)));

        Assert.Equal(before, Toy.Bits(new Lent(module)));
    }

    public void Dispose()
    {
        predictor.Dispose();
        module.Dispose();
        scope.Dispose();
    }

    private void Fit(Action<NetworkTraining> configure) =>
        new AdaptationBuilder()
            .Train(new Lent(module), predictor, configure)
            .FitWithoutTarget([Toy.Source()], new FitOptions { Training = new TrainingOptions { Steps = 2 } })
            .Dispose();

    private sealed class Lent(nn.Module<Tensor, Tensor> module) : IFeatureExtractor, ITrainable
    {
        public nn.Module Module => module;

        public Tensor Extract(Tensor inputs) => module.call(inputs);
    }
}
