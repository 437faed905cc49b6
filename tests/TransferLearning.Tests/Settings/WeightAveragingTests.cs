using TransferLearning.Objectives;
using TransferLearning.Selection;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>Weights averaged over the last part of a training.</summary>
public sealed class WeightAveragingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Theory]
    [InlineData(1, new[] { 6, 7, 8, 9, 10 })]
    [InlineData(2, new[] { 6, 8, 10 })]
    public void Fit_WithAveragedWeights_EndsAsTheMeanOfTheStepsWeights(int every, int[] steps)
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor(hasNormalization: true);
        using var predictor = Toy.Predictor();
        // Listed first, it sees a step's weights before they are averaged.
        var seen = new Seen();

        Fit(extractor, predictor, new WeightAveraging { Start = 0.5, Every = every }, [], seen).Dispose();

        var expected = stack([.. steps.Select(step => seen.Weights[step - 1])]).mean([0L]);
        Assert.True(Flat(extractor, predictor).allclose(expected, 1e-5, 1e-6));
        Assert.False(seen.Weights[9].allclose(expected, 1e-5, 1e-6));
    }

    [Theory]
    [InlineData(1, 0.5, new[] { 2 })] // the best epoch lies before the mean begins: its weights alone
    [InlineData(3, 0.25, new[] { 3, 4, 5, 6 })] // the mean up to the best epoch
    public void Fit_ThatRestoresTheBestEpoch_EndsAsTheMeanUpToIt(int best, double start, int[] steps)
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var seen = new Seen();
        var options = new TrainingOptions
        {
            Epochs = 5,
            BatchSize = 48,
            Validation = new BestAt(best),
            RestoreBest = true,
        };

        Fit(extractor, predictor, new WeightAveraging { Start = start }, [], seen, options).Dispose();

        Assert.Equal(10, seen.Weights.Count); // five epochs of two steps
        var expected = stack([.. steps.Select(step => seen.Weights[step - 1])]).mean([0L]);
        Assert.True(Flat(extractor, predictor).allclose(expected, 1e-5, 1e-6));
    }

    [Fact]
    public void Fit_ThatStopsEarly_EndsAsTheMeanSoFar()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var seen = new Seen();

        Fit(
                extractor,
                predictor,
                new WeightAveraging { Start = 0 },
                [new EarlyStopping(patience: 1, least: 1)],
                seen,
                new TrainingOptions
                {
                    Epochs = 10,
                    BatchSize = 48,
                    Validation = new SourceAccuracy(Toy.Source(rows: 16, seed: 4)),
                }
            )
            .Dispose();

        Assert.Equal(4, seen.Weights.Count); // two epochs of two steps
        Assert.True(Flat(extractor, predictor).allclose(stack(seen.Weights).mean([0L]), 1e-5, 1e-6));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(17)]
    [InlineData(23)]
    public void WeightAveraging_StoppedAndResumed_EndsWithTheSameBits(int stopAfter)
    {
        var (whole, resumed) = SourceRuns.StoppedAndResumed(
            net => net.Minimize(new CrossEntropy()).Use(new WeightAveraging { Start = 0.3 }),
            stopAfter
        );
        Assert.Equal(whole, resumed);
    }

    public void Dispose() => scope.Dispose();

    private static AdaptedModel Fit(
        ModulePart extractor,
        ModulePart predictor,
        WeightAveraging averaging,
        ITrainingObserver[] observers,
        Seen seen,
        TrainingOptions? training = null
    ) =>
        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Use(seen).Use(averaging))
            .FitWithoutTarget(
                SourceRuns.Two(),
                new FitOptions
                {
                    Training = training ?? new TrainingOptions { Steps = 10, BatchSize = 16 },
                    Observers = observers,
                }
            );

    private static Tensor Flat(params ITrainable[] parts) =>
        cat([
            .. parts
                .SelectMany(part => part.Module.state_dict().Values)
                .Where(value => value.is_floating_point())
                .Select(value => value.detach().reshape(-1)),
        ]);

    private sealed class Seen : ITrainingHook
    {
        public List<Tensor> Weights { get; } = [];

        public void OnStepped(TrainingView view, StepContext step) =>
            Weights.Add(Flat((ITrainable)view.Extractor, (ITrainable)view.Predictor).DetachFromDisposeScope());

        public void Exchange(StateBag state) { }
    }

    private sealed class BestAt(int epoch) : IModelScore
    {
        private int asked;

        public bool NeedsTarget => false;

        public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains) =>
            -Math.Abs(++asked - epoch);
    }
}
