using TransferLearning.Augmentation;
using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Consistency;

/// <summary>FreeMatch, Dash and MixMatch.</summary>
public sealed class ThresholdTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void FreeMatch_Follow_IsTheMovingAverageOfConfidencePredictionsAndReadings()
    {
        var (scores, before) = (Random(1, 6, 3), full(7, 1.0 / 3, float64));

        var after = FreeMatch.Follow(scores, before, 0.9);

        var p = scores.softmax(1);
        Assert.Equal((0.9 / 3) + (0.1 * p.amax([1L]).mean().item<double>()), after[0].item<double>(), 1e-12);
        Assert.True(after.narrow(0, 1, 3).allclose((p.mean([0L]) * 0.1) + (0.9 / 3), 1e-12, 1e-12));
        var labels = p.argmax(1);
        for (var c = 0; c < 3; c++)
        {
            var share = labels.eq(c).sum().item<long>() / 6.0;
            Assert.Equal((0.9 / 3) + (0.1 * share), after[4 + c].item<double>(), 1e-12);
        }
    }

    [Fact]
    public void FreeMatch_OfAverages_KeepsByClassAndAddsTheDiversityOfWhatItKeeps()
    {
        var (weak, strong) = (Random(2, 8, 3) * 2, Random(3, 8, 3));
        var averages = tensor(new[] { 0.7, 0.5, 0.3, 0.2, 0.6, 0.3, 0.1 });

        var plain = FreeMatch.Of(weak, strong, averages, fairness: 0).item<double>();
        var fair = FreeMatch.Of(weak, strong, averages, fairness: 0.5).item<double>();

        double[] least = [0.7, 0.7 * 0.6, 0.7 * 0.4];
        var (p, q) = (Rows(weak.softmax(1)), Rows(strong.softmax(1)));
        var (sum, kept) = (0.0, new List<double[]>());
        for (var i = 0; i < 8; i++)
        {
            var label = Array.IndexOf(p[i], p[i].Max());
            if (p[i][label] >= least[label])
            {
                sum -= Math.Log(q[i][label]);
                kept.Add(q[i]);
            }
        }
        Assert.InRange(kept.Count, 1, 7);
        Assert.Equal(sum / 8, plain, 1e-12);
        double[] a = [0.5 / 0.6, 0.3 / 0.3, 0.2 / 0.1];
        double[] b =
        [
            .. Enumerable
                .Range(0, 3)
                .Select(c =>
                    (
                        Mean: kept.Average(row => row[c]),
                        Share: kept.Count(row => row[c] == row.Max()) / (double)kept.Count
                    )
                )
                .Select(it => it.Share > 0 ? it.Mean / it.Share : 0),
        ];
        var expected = Enumerable.Range(0, 3).Sum(c => a[c] / a.Sum() * Math.Log((b[c] / b.Sum()) + 1e-12));
        Assert.Equal(0.5 * expected, fair - plain, 1e-9);
    }

    [Fact]
    public void FreeMatch_OfNoRowThatCounts_IsZeroWithAZeroSlope()
    {
        var strong = Random(3, 4, 3).requires_grad_();
        var averages = cat([ones(1, float64), full(6, 1.0 / 3, float64)]);

        var value = FreeMatch.Of(zeros(4, 3, dtype: float64), strong, averages);

        Assert.Equal(0, value.item<double>());
        Assert.Equal(0, autograd.grad([value], [strong])[0].abs().sum().item<double>());
        Assert.Throws<ArgumentException>(() => FreeMatch.Of(strong, strong, ones(3, float64)));
    }

    [Fact]
    public void FreeMatch_Training_StartsEvenOrWhereItIsTold()
    {
        double First(double? start)
        {
            var term = new FreeMatch(new Noise(0.1)) { Start = start, Momentum = 0.5 };
            var seen = new State(term);
            Fit(term, seen, steps: 1);
            return seen.Values[0];
        }

        // Of two classes the confidence is at least 0.5.
        var (even, high) = (First(null), First(1));
        Assert.Equal(0.25, high - even, 1e-6);
        Assert.InRange(even, 0.5, 0.75);
    }

    [Fact]
    public void Dash_Threshold_FallsInStepsToItsLeast()
    {
        var dash = new Dash(new Noise(0.1))
        {
            WarmUp = 0.1,
            Interval = 0.25,
            Least = 0.5,
        };

        Assert.Equal(double.PositiveInfinity, dash.Threshold(2, 0.05));
        Assert.Equal(2 / 1.27, dash.Threshold(2, 0.1), 1e-12);
        Assert.Equal(2 / 1.27, dash.Threshold(2, 0.3), 1e-12);
        Assert.Equal(2 / (1.27 * 1.27), dash.Threshold(2, 0.4), 1e-12);
        Assert.Equal(0.5, dash.Threshold(0.6, 0.2));
    }

    [Fact]
    public void Dash_ThresholdAsItComes_FallsAfterTenEpochsOf1024AndEveryNine()
    {
        var dash = new Dash(new Noise(0.1));

        Assert.Equal(double.PositiveInfinity, dash.Threshold(1, 9.9 / 1024));
        Assert.Equal(1 / 1.27, dash.Threshold(1, 10.0 / 1024), 1e-12);
        Assert.Equal(1 / 1.27, dash.Threshold(1, 18.9 / 1024), 1e-12);
        Assert.Equal(1 / (1.27 * 1.27), dash.Threshold(1, 19.0 / 1024), 1e-12);
    }

    [Fact]
    public void Dash_ThresholdFromLabels_StartsAtTheirLoss()
    {
        var dash = new Dash(new Noise(0.1)) { StartsFromLabels = true, Interval = 0.25 };

        Assert.Equal(1.0001 * 2, dash.Threshold(2, 0), 1e-12);
        Assert.Equal(1.0001 * 2 / 1.27, dash.Threshold(2, 0.3), 1e-12);
        Assert.Equal(1.0001 * 2 / Math.Pow(1.27, 3), dash.Threshold(2, 0.99), 1e-12);
    }

    [Fact]
    public void Dash_OfLogits_IsTheMeanOverRowsWhoseClassHasASmallLoss()
    {
        // The classes' losses are 0.24, 0.98, 0.09 and 0.55.
        var weak = tensor(
            new double[,]
            {
                { 2, 0, 0 },
                { 0.2, 0, 0 },
                { 0, 3, 0 },
                { 0, 0, 1 },
            }
        );
        var strong = Random(5, 4, 3);

        var soft = Dash.Of(weak, strong, 0.5, temperature: 0.5).item<double>();
        var hard = Dash.Of(weak, strong, 0.5, isHard: true).item<double>();

        var (q, tempered) = (Rows(strong.softmax(1)), Rows((weak / 0.5).softmax(1)));
        double Soft(int row) => -Enumerable.Range(0, 3).Sum(c => tempered[row][c] * Math.Log(q[row][c]));
        Assert.Equal(0.9 * (Soft(0) + Soft(2)) / 2, soft, 1e-12);
        Assert.Equal(-0.9 * (Math.Log(q[0][0]) + Math.Log(q[2][1])) / 2, hard, 1e-12);
        Assert.Equal(0, Dash.Of(weak, strong, 0).item<double>());
    }

    [Fact]
    public void Dash_AfterItsWarmUp_StartsFromTheTargetsMeanLoss()
    {
        var term = new Dash(new LogitSteps.Scaled(0.5))
        {
            WarmUp = 0.2,
            Interval = 0.5,
            Least = 0.01,
        };
        double[,] source =
        {
            { 1, 0 },
            { 0, 1 },
        };
        double[,] target =
        {
            { 2, 0 },
            { 0.2, 0 },
            { 0, 1 },
        };
        var step = LogitSteps.Of(source, target);
        var view = LogitSteps.View(step);

        term.OnStart(view);
        var early = term.Evaluate(step).item<double>();
        term.OnStepped(view, step);
        var later = term.Evaluate(LogitSteps.Of(source, target, progress: 0.5)).item<double>();
        using var losses = LogitSteps.Kept(term, "losses");
        term.OnEnd();

        // Losses of soft labels of the strong view; of the rows' own classes they are 0.127, 0.598 and 0.313.
        double[] expected = [0.33124789748, 0.68452789406, 0.53367844519];
        Assert.True(losses.allclose(tensor(expected), 1e-9, 1e-9));
        Assert.Equal(0.9 * expected.Average(), early, 1e-9);
        // Below 0.5165 / 1.27.
        Assert.Equal(0.9 * (expected[0] + expected[2]) / 2, later, 1e-9);
    }

    [Fact]
    public void Dash_AtItsLeastThreshold_TakesTheClassesForLabels()
    {
        var term = new Dash(new LogitSteps.Scaled(0.5)) { WarmUp = 0.2, Least = 0.4 };
        double[,] rows =
        {
            { 2, 0 },
            { 0, 1 },
        };
        var step = LogitSteps.Of(rows, rows);
        var view = LogitSteps.View(step);

        term.OnStart(view);
        term.OnStepped(view, step); // no one has evaluated the term
        var value = term.Evaluate(LogitSteps.Of(rows, rows, progress: 0.9)).item<double>();
        term.OnEnd();

        var expected = (Math.Log(1 + Math.Exp(-1)) + Math.Log(1 + Math.Exp(-0.5))) / 2;
        Assert.Equal(0.9 * expected, value, 1e-12);
    }

    [Fact]
    public void Dash_FromLabelsWithoutAny_IsRefusedInThePlan()
    {
        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(
                    Toy.Extractor(),
                    Toy.Predictor(),
                    net => net.Minimize(new Dash(new Noise(0.1)) { StartsFromLabels = true })
                )
                .FitSourceFree(Toy.LabeledTarget().WithoutLabels(), LabelSpace.Classes(2))
        );

        Assert.Contains("needs labeled rows", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dash_TrainingFromLabels_StartsAtTheirMeanLoss()
    {
        Toy.SeedModules(5);
        var (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
        var weights = arange(40, dtype: float32).remainder(4);
        var source = Toy.Source(rows: 40).WithWeights(weights);
        var scores = predictor.Predict(extractor.Extract(source.Inputs));
        var expected = CrossEntropy.Of(scores, source.Labels, weights / weights.mean()).item<float>();
        var term = new Dash(new Noise(0.1)) { StartsFromLabels = true };
        var seen = new State(term, "losses");

        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Minimize(term).Use(seen))
            .Fit(source, Toy.LabeledTarget(rows: 20).WithoutLabels(), Options(1))
            .Dispose();

        Assert.Equal(expected, seen.Values[0], 1e-6);
    }

    [Theory]
    [InlineData("FreeMatch")]
    [InlineData("Dash")]
    public void Training_StoppedAndResumed_EndsWithTheSameBits(string name)
    {
        IObjective Term() =>
            name == "FreeMatch"
                ? new FreeMatch(new Noise(0.3)) { Momentum = 0.9 }
                : new Dash(new Noise(0.3)) { WarmUp = 0.5, Interval = 0.1 };
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };

        var expected = InterruptedTraining.Run(Term());
        Assert.Null(InterruptedTraining.Run(Term(), checkpoints, stopAfter: 13));
        var resumed = InterruptedTraining.Run(Term(), checkpoints with { Resume = ResumeMode.Required });

        Assert.Equal(expected, resumed);
        Assert.NotEqual(InterruptedTraining.Run(null), expected);
    }

    [Fact]
    public void MixMatch_Sharpened_IsThePowerDividedByItsSum()
    {
        var p = Random(6, 5, 3).softmax(1);

        var sharp = MixMatch.Sharpened(p, 0.5);

        Assert.True(sharp.allclose(p.square() / p.square().sum(1, keepdim: true), 1e-9, 1e-12));
        Assert.True(MixMatch.Sharpened(p, 1).allclose(p, 1e-9, 1e-12));
    }

    [Fact]
    public void MixMatch_OfAStep_MixesEverythingWithEverything()
    {
        Toy.SeedModules(5);
        var (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
        var term = new MixMatch(new Shift(0.5)) { Weight = 3, Views = 2 };

        var value = term.Evaluate(Step(extractor, predictor));

        var step = Step(extractor, predictor);
        var looks = (step.Target.Inputs + 0.5).repeat(2, 1);
        var guess = predictor.Predict(extractor.Extract(step.Target.Inputs + 0.5)).softmax(1).square();
        guess /= guess.sum(1, keepdim: true);
        var inputs = cat([step.Sources[0].Inputs + 0.5, step.Sources[1].Inputs + 0.5, looks]);
        Tensor OneHot(LabeledBatch batch) => nn.functional.one_hot(batch.Labels, 2).to(float32);
        var labels = cat([OneHot(step.Sources[0]), OneHot(step.Sources[1]), guess, guess]);
        _ = (step.NextKey(), step.NextKey(), step.NextKey(), step.NextKey()); // the views' draws
        var key = step.NextKey();
        using var generator = key.Child(0).Generator();
        var partners = randperm(20, generator: generator);
        var random = key.Child(1).Random();
        double[] drawn =
        [
            .. Enumerable.Range(0, 20).Select(_ => MathNet.Numerics.Distributions.Beta.Sample(random, 0.75, 0.75)),
        ];
        var share = tensor(drawn.Select(one => Math.Max(one, 1 - one)).ToArray(), float32).unsqueeze(1);
        var mixed = (inputs * share) + (inputs.index_select(0, partners) * (1 - share));
        // Each of the two has its share by its own weight; a guess weighs 1.
        var given = cat([step.Sources[0].Weights!, step.Sources[1].Weights!, ones(12)]).unsqueeze(1);
        var (own, other) = (given * share, given.index_select(0, partners) * (1 - share));
        var weights = own + other;
        var wanted = ((labels * own) + (labels.index_select(0, partners) * other)) / weights;
        var scores = predictor.Predict(extractor.Extract(mixed));
        var labeled = (weights * wanted * scores.log_softmax(1)).narrow(0, 0, 8).sum(1).mean().neg();
        var rest = (weights * (scores.softmax(1) - wanted).square()).narrow(0, 8, 12).mean();
        Assert.Equal((labeled + (rest * 3)).item<float>(), value.item<float>(), 1e-5f);
    }

    [Fact]
    public void MixMatch_WeightAsItComes_RisesOverTheFirstSixtyFourthOfTheTraining()
    {
        var weight = new MixMatch(new Shift(0.5)).Weight;

        Assert.Equal(0, weight.At(0));
        Assert.Equal(37.5, weight.At(1.0 / 128));
        Assert.Equal(75, weight.At(1.0 / 64));
        Assert.Equal(75, weight.At(1));
    }

    [Fact]
    public void MixMatch_OfValues_IsRefused()
    {
        var (extractor, predictor) = (Toy.Extractor(), Toy.Predictor(1));
        var rows = Toy.Source(rows: 20).Inputs;
        var source = new LabeledDomain(rows, rows.select(1, 0));

        var refused = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new MixMatch(new Noise(0.1))))
                .Fit(source, new UnlabeledDomain(rows))
        );
        Assert.Contains("the labels are 1 value(s) a row", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();

    private static StepContext Step(IFeatureExtractor extractor, ILabelPredictor predictor)
    {
        LabeledBatch Source(int i)
        {
            var domain = Toy.Source(rows: 4, seed: 20 + i);
            var weights = tensor(new[] { 0.5f, 1, 1, 1.5f });
            return new(
                domain.Inputs,
                domain.Labels,
                DomainId.Source(i),
                arange(4, dtype: int64),
                weights,
                domain.Space
            );
        }
        var target = new UnlabeledBatch(Toy.LabeledTarget(rows: 6).Inputs, DomainId.Target, arange(6, dtype: int64));
        return StepContext.For(new StepBatch([Source(0), Source(1)], target), extractor, predictor);
    }

    private static FitOptions Options(int steps) =>
        new()
        {
            Training = new TrainingOptions { Steps = steps, BatchSize = 20 },
        };

    private static void Fit(IObjective term, ITrainingHook seen, int steps)
    {
        Toy.SeedModules(5);
        new AdaptationBuilder()
            .Train(
                Toy.Extractor(),
                Toy.Predictor(),
                net => net.Minimize(new CrossEntropy()).Minimize(term, 0).Use(seen)
            )
            .Fit(Toy.Source(rows: 40), Toy.LabeledTarget(rows: 20).WithoutLabels(), Options(steps))
            .Dispose();
    }

    private static double[][] Rows(Tensor of) =>
        [.. Enumerable.Range(0, (int)of.shape[0]).Select(i => of[i].data<double>().ToArray())];

    private static Tensor Random(long seed, long rows, long width)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, width], dtype: float64, generator: generator);
    }

    private sealed class Shift(double by) : IAugmentation
    {
        public Tensor Apply(Tensor inputs, RandomKey key) => inputs + by;
    }

    // The first number of a term's state after each step.
    private sealed class State(ICheckpointed term, string name = "averages") : ITrainingHook
    {
        public List<double> Values { get; } = [];

        public void OnStepped(TrainingView view, StepContext step)
        {
            using var kept = LogitSteps.Kept(term, name);
            Values.Add(kept[0].to(float64).item<double>());
        }

        public void Exchange(StateBag state) { }
    }
}
