using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Consistency;

public sealed class ClassRebalancedSelfTrainingTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Selected_OfUnevenShares_TakesAllOfTheRarestAndFewOfTheMostFrequent()
    {
        var p = tensor(
            new double[,]
            {
                { 0.9, 0.05, 0.05 },
                { 0.6, 0.3, 0.1 },
                { 0.1, 0.5, 0.4 },
                { 0.8, 0.1, 0.1 },
                { 0.1, 0.8, 0.1 },
                { 0.2, 0.2, 0.6 },
                { 0.7, 0.2, 0.1 },
                { 0.3, 0.3, 0.4 },
            }
        );
        // Class 1 is the most frequent one, class 2 the rarest: rates 1/8 for 1, 1/2 for 0, 1 for 2 without a root.
        var shares = tensor(new double[] { 4.0 / 13, 8.0 / 13, 1.0 / 13 });

        var all = ClassRebalancedSelfTraining.Selected(p, shares, 0);
        var plain = ClassRebalancedSelfTraining.Selected(p, shares, 1);
        var cubic = ClassRebalancedSelfTraining.Selected(p, shares);

        Assert.Equal([0, 0, 1, 0, 1, 2, 0, 2], all.data<long>().ToArray());
        Assert.Equal([0, -1, -1, 0, -1, 2, -1, 2], plain.data<long>().ToArray()); // 2 of 4, 0 of 2, 2 of 2
        // 3 of 4 at 2^(-1/3), 1 of 2 at 8^(-1/3).
        Assert.Equal([0, -1, -1, 0, 1, 2, 0, 2], cubic.data<long>().ToArray());
        Assert.Throws<ArgumentException>(() => ClassRebalancedSelfTraining.Selected(p, ones(2)));
    }

    [Fact]
    public void Crest_WithALastExponentOfOne_IsTakenAndOneAboveNot()
    {
        AdaptationBuilder Made(double lastExponent) =>
            Recipes.Crest([(Toy.Extractor(), Toy.Predictor())], new Noise(0.1), lastExponent: lastExponent);

        Assert.NotNull(Made(1));
        Assert.Equal("lastExponent", Assert.Throws<ArgumentOutOfRangeException>(() => Made(1.01)).ParamName);
    }

    [Fact]
    public void Aligned_Predictions_MoveTowardThePowerOfTheShares()
    {
        var p = tensor(
            new double[,]
            {
                { 0.5, 0.5 },
            }
        );
        var (shares, average) = (tensor(new[] { 0.9, 0.1 }), tensor(new[] { 0.6, 0.4 }));

        var aligned = ProgressiveAlignment.Aligned(p, shares, average, 0.5);

        // sqrt(0.9) and sqrt(0.1) are as 3 to 1.
        var (a, b) = ((0.75 + 1e-6) / (0.6 + 1e-6), (0.25 + 1e-6) / (0.4 + 1e-6));
        Assert.Equal([a / (a + b), b / (a + b)], aligned.data<double>().ToArray(), (x, y) => Math.Abs(x - y) < 1e-12);
    }

    [Fact]
    public void ProgressiveAlignment_BeforeAnyStep_IsFixMatch()
    {
        Toy.SeedModules(5);
        var (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
        var step = Toy.Step(extractor, predictor);
        var view = new Noise(0.3);

        var aligned = new ProgressiveAlignment(view) { Threshold = 0.5 }
            .Evaluate(step)
            .item<float>();

        Assert.Equal(
            new FixMatch(view) { Threshold = 0.5 }
                .Evaluate(step)
                .item<float>(),
            aligned,
            1e-5
        );
    }

    [Fact]
    public void Fit_Generations_LabelAnewAndKeepWhatWasLabeledByHand()
    {
        var few = Toy.LabeledTarget(rows: 6, seed: 9);
        var (first, second) = (new Seen(), new Seen());
        Toy.SeedModules(5);
        AdaptationBuilder Chain(Seen hook, AdaptationBuilder? before = null, int earlier = 0)
        {
            var builder = before ?? new AdaptationBuilder();
            for (var i = 0; i < earlier; i++)
            {
                builder.Add(new ClassRebalancedSelfTraining());
            }
            return builder.Train(Toy.Extractor(), Toy.Predictor(), net => net.Minimize(new CrossEntropy()).Use(hook));
        }

        using var model = Chain(second, Chain(first), earlier: 2)
            .FitFewShot(
                Toy.Source(),
                Toy.LabeledTarget().WithoutLabels(),
                few,
                new FitOptions { Training = new TrainingOptions { Steps = 30 } }
            );

        Assert.Equal(6, first.Count);
        // The shares are even: every reading is taken, once, although two stages took them.
        Assert.Equal(6 + 80, second.Count);
        Assert.Equal(few.Labels.data<long>().ToArray(), second.Labels[..6]);
    }

    [Fact]
    public void Fit_OfASingleReading_LeavesTheRowsAsTheyAreAndSaysSo()
    {
        // Class 1 is rarer, all of its readings are taken and none of class 0: the target has one row of it.
        static LabeledDomain Kept(LabeledDomain all, long ones)
        {
            var first = all.Labels.eq(0).nonzero().squeeze(1);
            var second = all.Labels.eq(1).nonzero().squeeze(1).narrow(0, 0, ones);
            var rows = cat([first, second]);
            return new(all.Inputs.index_select(0, rows), all.Labels.index_select(0, rows), space: all.Space);
        }
        Toy.SeedModules(5);
        var log = new LogLines();

        using var model = new AdaptationBuilder()
            .Learn(new NearestNeighbor())
            .Add(new ClassRebalancedSelfTraining { Exponent = 1000 })
            .Train(Toy.Extractor(hasNormalization: true), Toy.Predictor(), net => net.Minimize(new CrossEntropy()))
            .Fit(
                Kept(Toy.Source(rows: 60), 10),
                Kept(Toy.Source(rows: 40, seed: 8), 1).WithoutLabels(),
                new FitOptions
                {
                    Logger = log,
                    Training = new TrainingOptions { Steps = 2 },
                }
            );

        Assert.Contains(
            log.Warnings,
            line => line.Contains("a single target row would be labeled", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Fit_WithNothingBeforeIt_IsRefused()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Add(new ClassRebalancedSelfTraining())
                .Train(Toy.Extractor(), Toy.Predictor(), net => net.Minimize(new CrossEntropy()))
                .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels())
        );

        Assert.Contains("put Train(...) or Learn(...) before it", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Crest_StoppedInTheSecondGenerationAndResumed_EndsInTheSameBits()
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };

        var expected = Run(null, null);

        Assert.Null(Run(checkpoints, 14));
        Assert.Equal(expected, Run(checkpoints with { Resume = ResumeMode.Required }, null));
    }

    [Fact]
    public void Crest_OnUnevenRows_ReadsRareClassesBetter()
    {
        var alone = UnevenClouds.AccuracyAlone();
        var crest = UnevenClouds.Accuracy(() =>
            Recipes.Crest(
                [
                    .. Enumerable
                        .Range(0, 3)
                        .Select(_ => ((IFeatureExtractor)Toy.Extractor(), (ILabelPredictor)Toy.Predictor(3))),
                ],
                new Noise(0.3),
                weight: Schedule.From(0.3, 1),
                threshold: 0.9
            )
        );

        output.WriteLine($"CReST {crest:P1}, labels alone {alone:P1}");
        Assert.True(crest >= alone + 0.01, $"CReST {crest:P1}, labels alone {alone:P1}");
    }

    public void Dispose() => scope.Dispose();

    private static byte[]? Run(CheckpointOptions? checkpoints, int? stopAfter)
    {
        Toy.SeedModules(7);
        ModulePart[] parts = [Toy.Extractor(0.3, true), Toy.Predictor(), Toy.Extractor(0.3, true), Toy.Predictor()];
        using var stopping = new CancellationTokenSource();
        var options = new FitOptions
        {
            Observers = [new Stop(stopAfter, stopping)],
            Checkpoints = checkpoints,
            Training = new TrainingOptions { Steps = 10 },
        };
        try
        {
            using var model = Recipes
                .Crest([(parts[0], parts[1]), (parts[2], parts[3])], new Noise(0.5), threshold: 0.5)
                .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels(), options, null, stopping.Token);
            return Toy.Bits(parts);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    // The labeled target rows of a training.
    private sealed class Seen : ITrainingHook
    {
        public long Count { get; private set; }

        public long[] Labels { get; private set; } = [];

        public void OnStart(TrainingView view)
        {
            var domain = view.Domains.LabeledTarget!;
            (Count, Labels) = (domain.Count, domain.Labels.data<long>().ToArray());
        }

        public void Exchange(StateBag state) { }
    }

    private sealed class Stop(int? after, CancellationTokenSource stopping) : ITrainingObserver
    {
        private int taken;

        public void OnStep(StepReport report)
        {
            if (++taken == after)
            {
                stopping.Cancel();
            }
        }
    }
}
