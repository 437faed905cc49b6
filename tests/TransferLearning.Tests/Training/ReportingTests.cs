using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>Progress, log and warnings.</summary>
public sealed class ReportingTests
{
    [Fact]
    public void Fit_Progress_RunsThroughEveryStageAndStep()
    {
        using var scope = NewDisposeScope();
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var heard = new List<TrainingProgress>();

        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions { Training = new TrainingOptions { Steps = 12 } },
                new Listener(heard)
            );

        Assert.Equal(24, heard.Count);
        Assert.Equal(
            Enumerable.Range(1, 12).Select(step => (long)step),
            heard.Where(p => p.Stage == 1).Select(p => p.Step)
        );
        Assert.All(
            heard,
            progress => Assert.Equal((2, 12L, "NetworkTraining"), (progress.Stages, progress.Steps, progress.StageName))
        );
        Assert.Equal(1, heard[^1].Done);
        Assert.Equal(2, heard[^1].Epoch); // ten steps are an epoch of the 640 source rows
    }

    [Fact]
    public void Weight_ThatCollapses_WarnsWithTheEffectiveNumber()
    {
        using var scope = NewDisposeScope();
        var log = new LogLines();

        using var model = new AdaptationBuilder()
            .Weight(new OneOnly())
            .Learn(new NearestNeighbor())
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), new FitOptions { Logger = log });

        Assert.Contains(log.Heard, line => line.Contains("640 examples count as 1.0", StringComparison.Ordinal));
    }

    private sealed class Listener(List<TrainingProgress> heard) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => heard.Add(value);
    }

    private sealed class OneOnly : IInstanceWeighting
    {
        public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context)
        {
            var weights = zeros(source.Count);
            weights[0] = 1;
            return weights;
        }
    }
}
