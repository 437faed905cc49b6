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

    [Fact]
    public void Fit_ResumedInALaterStage_NamesTheCheckpointThatItWentOnFrom()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        DivergenceException Diverged(ResumeMode resume)
        {
            using var extractor = Toy.Extractor();
            using var predictor = Toy.Predictor();
            return Assert.Throws<DivergenceException>(() =>
                new AdaptationBuilder()
                    .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
                    .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Minimize(new Explodes(0.5)))
                    .Fit(
                        Toy.Source(),
                        Toy.LabeledTarget().WithoutLabels(),
                        new FitOptions
                        {
                            Checkpoints = new CheckpointOptions(folder.Path)
                            {
                                EverySteps = 2,
                                KeepLast = 1,
                                Resume = resume,
                            },
                            Training = new TrainingOptions { Steps = 10 },
                        }
                    )
            );
        }

        var first = Diverged(ResumeMode.Never);
        var again = Diverged(ResumeMode.Required);

        Assert.Equal(folder.File("stage01-step000000004.checkpoint"), first.LastCheckpoint);
        Assert.Equal(first.LastCheckpoint, again.LastCheckpoint);
        Assert.True(File.Exists(again.LastCheckpoint));
    }

    private sealed class Explodes(double from) : IObjective
    {
        public Tensor Evaluate(StepContext step) =>
            step.Scores(step.Target).sum() * (step.Progress >= from ? double.NaN : 0);
    }
}
