using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>A loss that is not finite stops the run before it spoils the parameters.</summary>
public sealed class DivergenceTests
{
    [Fact]
    public void Fit_ObjectiveBecomesNaN_NamesObjectiveStepAndCheckpoint()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();

        var fault = Assert.Throws<DivergenceException>(() =>
            new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Minimize(new Explodes(0.5)))
                .Fit(
                    Toy.Source(),
                    Toy.LabeledTarget().WithoutLabels(),
                    new FitOptions
                    {
                        Checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 2 },
                        Training = new TrainingOptions { Steps = 10 },
                    }
                )
        );

        Assert.Equal(nameof(Explodes), fault.Objective);
        Assert.Equal(6, fault.Step);
        Assert.True(File.Exists(fault.LastCheckpoint));
        Assert.All(extractor.Module.parameters(), parameter => Assert.True(parameter.isfinite().all().item<bool>()));
    }

    private sealed class Explodes(double from) : IObjective
    {
        public Tensor Evaluate(StepContext step) =>
            step.Scores(step.Target).sum() * (step.Progress >= from ? double.NaN : 0);
    }
}
