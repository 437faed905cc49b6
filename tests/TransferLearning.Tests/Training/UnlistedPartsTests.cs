using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>What an objective holds without listing it takes part all the same: device, mode, state, hooks.</summary>
public sealed class UnlistedPartsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Fit_ObjectiveThatListsNothing_PutsItsModulesIntoEvaluationModeAndCallsItsHook()
    {
        using var plain = nn.Sequential(nn.Linear(8, 2), nn.Dropout(0.5));
        using var part = new ModulePart(() => nn.Sequential(nn.Linear(8, 2), nn.Dropout(0.5)));
        var secretive = new Secretive(plain, [part], new Counting());

        Fit(net => net.Minimize(new CrossEntropy()).Minimize(new Around(secretive), 0.1));

        Assert.True(secretive.WereResting);
        Assert.Equal(3, secretive.Hook.Steps);
    }

    [Fact]
    public void Fit_HookThatCallsItsOwnHook_DoesSoAlone()
    {
        var outer = new OuterHook(new Counting());

        Fit(net => net.Minimize(outer));

        Assert.Equal(3, outer.Inner.Steps);
    }

    public void Dispose() => scope.Dispose();

    private static void Fit(Action<NetworkTraining> configure)
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, configure)
            .Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions { Training = new TrainingOptions { Steps = 3 } }
            );
    }

    private sealed class Around(IObjective inner) : IObjective
    {
        private readonly IObjective inner = inner;

        public Tensor Evaluate(StepContext step) => inner.Evaluate(step);
    }

    private sealed class Secretive(nn.Module<Tensor, Tensor> plain, ModulePart[] parts, Counting hook) : IObjective
    {
        private readonly ModulePart[] parts = parts;

        public Counting Hook { get; } = hook;

        public bool WereResting { get; private set; } = true;

        public Tensor Evaluate(StepContext step)
        {
            WereResting &= !plain.training && !parts[0].Module.training;
            var features = step.Features(step.Target);
            return (plain.call(features) - parts[0].Predict(features)).square().mean();
        }
    }

    private sealed class Counting : ITrainingHook
    {
        public int Steps { get; private set; }

        public void OnStepped(TrainingView view, StepContext step) => Steps++;

        public void Exchange(StateBag state) { }
    }

    private sealed class OuterHook(Counting inner) : IObjective, ITrainingHook
    {
        private readonly CrossEntropy truth = new();

        public Counting Inner { get; } = inner;

        public Tensor Evaluate(StepContext step) => truth.Evaluate(step);

        public void OnStepped(TrainingView view, StepContext step) => Inner.OnStepped(view, step);

        public void Exchange(StateBag state) => Inner.Exchange(state);
    }
}
