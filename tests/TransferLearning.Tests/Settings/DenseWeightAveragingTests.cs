using TransferLearning.Objectives;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>Weights averaged over the valley of a validation loss: SWAD.</summary>
public sealed class DenseWeightAveragingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // Which segments, from 0, are averaged where the losses on the held-out rows are these: by the authors' queues, and
    // once each as in the paper's algorithm.
    [Theory]
    [InlineData(3, 6, new[] { 3.0, 2, 1, 2, 3, 4, 5, 6, 7, 8 }, new[] { 2, 3, 2, 3 }, new[] { 2, 3 })]
    [InlineData(3, 6, new[] { 5.0, 4, 3, 2, 1 }, new[] { 4 }, new[] { 4 })] // no valley: the last segment
    [InlineData(
        3,
        6,
        new[] { 1, 1.2, 1.2, 1.2, 9, 9, 9, 9, 9, 9, 1 },
        new[] { 1, 2, 0, 0, 0, 1, 2, 3 },
        new[] { 0, 1, 2, 3 }
    )]
    [InlineData(3, 6, new[] { 2, 1, 1.1, 1.2, 1.1, 1.1 }, new[] { 2, 3, 1, 2, 3, 4, 5 }, new[] { 1, 2, 3, 4, 5 })]
    [InlineData(3, 1, new[] { 3, 1, 2, 2, 1, 9, 1.0 }, new[] { 2, 3, 4 }, new[] { 1, 2, 3, 4 })]
    [InlineData(1, 1, new[] { 1.0, 1.1, 1.2, 9 }, new[] { 1, 2 }, new[] { 0, 1, 2 })]
    public void Fit_WithLossesOnHeldOutRows_EndsAsTheMeanOverTheirValley(
        int optimumPatience,
        int overfitPatience,
        double[] losses,
        int[] segments,
        int[] once
    )
    {
        foreach (var countsOnce in new[] { false, true })
        {
            using var extractor = new ModulePart(() => nn.Linear(4, 4, hasBias: false));
            using var predictor = new ModulePart(() => nn.Linear(4, 1));
            // Rows of 0 of the value 0 cost the square of the intercept.
            var held = new LabeledDomain(zeros(3, 4), zeros(3), space: LabelSpace.Values(1));
            var averaging = new DenseWeightAveraging(held)
            {
                Every = 2,
                OptimumPatience = optimumPatience,
                OverfitPatience = overfitPatience,
                CountsOnce = countsOnce,
            };

            Fit(extractor, predictor, 2 * losses.Length, new Scripted(losses, every: 2), averaging);

            // Steps 1 and 2 are segment 0, of mean 1.5.
            var expected = (countsOnce ? once : segments).Average(segment => (2 * segment) + 1.5);
            var weight = ((nn.Module<Tensor, Tensor>)extractor.Module).parameters().First();
            Assert.Equal(expected, weight.mean().item<float>(), 1e-4);
        }
    }

    [Fact]
    public void Fit_ShorterThanASegment_EndsAsItsLastStep()
    {
        using var extractor = new ModulePart(() => nn.Linear(4, 4, hasBias: false));
        using var predictor = new ModulePart(() => nn.Linear(4, 1));
        var held = new LabeledDomain(zeros(3, 4), zeros(3), space: LabelSpace.Values(1));

        Fit(extractor, predictor, 5, new Scripted([1, 1, 1], every: 2), new DenseWeightAveraging(held));

        var weight = ((nn.Module<Tensor, Tensor>)extractor.Module).parameters().First();
        Assert.Equal(5, weight.mean().item<float>(), 1e-6);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(11)]
    [InlineData(20)]
    public void DenseWeightAveraging_StoppedAndResumed_EndsWithTheSameBits(int stopAfter)
    {
        var (whole, resumed) = SourceRuns.StoppedAndResumed(
            net =>
                net.Minimize(new SourceRisk())
                    .Use(
                        new DenseWeightAveraging(Toy.Source(rows: 16, seed: 3))
                        {
                            Every = 2,
                            OptimumPatience = 2,
                            OverfitPatience = 3,
                            ToleranceRatio = 0.01,
                        }
                    ),
            stopAfter
        );
        Assert.Equal(whole, resumed);
    }

    [Fact]
    public void Plan_WithOtherHeldOutRows_SaysWhatIsExpected()
    {
        string Fault(params IReadOnlyList<LabeledDomain> held) =>
            Assert
                .Throws<InvalidAdaptationException>(() =>
                    Recipes.Swad(Toy.Extractor(), Toy.Predictor(), held).FitWithoutTarget(SourceRuns.Two())
                )
                .Message;

        Assert.Contains("each of the 2 sources", Fault(), StringComparison.Ordinal);
        Assert.Contains(
            "hold rows of the sources out",
            Fault(Toy.Source(rows: 8, classes: 3)),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Swad_OnTwoSources_ReadsADomainThatItHasNotSeen()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor(hasNormalization: true);
        using var predictor = Toy.Predictor();
        var unseen = Toy.LabeledTarget();
        var options = new FitOptions { Training = new TrainingOptions { Steps = 300 } };

        using var model = Recipes
            .Swad(extractor, predictor, [Toy.Source(rows: 40, seed: 3), Toy.Source(rows: 40, seed: 8)], every: 10)
            .FitWithoutTarget(SourceRuns.Two(), options);

        using var classes = model.PredictClasses(unseen.Inputs);
        Assert.True(Evaluation.AccuracyInterval.Of(classes, unseen.Labels).Value > 0.8);
    }

    public void Dispose() => scope.Dispose();

    private static void Fit(
        ModulePart extractor,
        ModulePart predictor,
        long steps,
        ITrainingHook scripted,
        ITrainingHook averaging
    ) =>
        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new SquaredError()).Use(scripted).Use(averaging))
            .FitWithoutTarget(
                [new LabeledDomain(ones(8, 4), ones(8), space: LabelSpace.Values(1))],
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = steps, BatchSize = 8 },
                }
            )
            .Dispose();

    /// <summary>Sets the extractor's weights to the step's number, and the intercept to the root of a loss.</summary>
    private sealed class Scripted(double[] losses, int every) : ITrainingHook
    {
        public void OnStepped(TrainingView view, StepContext step)
        {
            ((ITrainable)view.Extractor).Module.parameters().First().fill_(view.Step);
            var loss = losses[Math.Min(losses.Length, (int)((view.Step + every - 1) / every)) - 1];
            ((ITrainable)view.Predictor).Module.parameters().Last().fill_(Math.Sqrt(loss));
        }

        public void Exchange(StateBag state) { }
    }
}
