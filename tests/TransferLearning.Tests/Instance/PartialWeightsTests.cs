using TransferLearning.Adversarial;
using TransferLearning.Instance;
using TransferLearning.Objectives;
using TransferLearning.Tests.EndToEnd;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>Weights for a target that lacks some of the source's classes.</summary>
public sealed class PartialWeightsTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void TargetClassWeights_KnownScores_AreNumPysFigures()
    {
        // softmax of sin(1.3 k + 1) + 0.1 cos(0.7 k) as 7 x 3, meaned and divided by the largest, in NumPy.
        var weights = new TargetClassWeights().Of(Waves.Rows(7, 3, 1));

        Assert.True(weights.allclose(tensor(new[] { 0.9643788254551315, 0.9073186108976748, 1.0 }), 1e-12, 1e-12));
    }

    [Fact]
    public void TargetClassWeights_OfABatch_AreThoseOfItsClassesWithoutGradient()
    {
        using var step = Step(out var batch);
        var method = new TargetClassWeights();

        var weights = step.Context.Weights(method, batch);

        var expected = method.Of(step.Context.Scores(step.Context.Target)).index_select(0, batch.Labels);
        Assert.True(weights.equal(expected).all().item<bool>());
        Assert.False(weights.requires_grad);
    }

    [Fact]
    public void TargetClassWeights_WithinATraining_AreThoseOfTheWholeTargetAndComeBackFromACheckpoint()
    {
        using var step = Step(out var batch);
        var whole = Toy.LabeledTarget(rows: 60, seed: 3).WithoutLabels();
        var (extractor, predictor) = (step.Context.Extractor, step.Context.Predictor);
        var view = new TrainingView(
            new DomainSet([Toy.Source(rows: 12)], whole),
            extractor,
            predictor,
            0,
            0,
            0,
            new RandomKey(1)
        );
        var method = new TargetClassWeights();
        method.OnEpoch(view);
        using var saving = StateBag.ForSaving();
        method.Exchange(saving);
        using var loading = saving.Continue();
        var resumed = new TargetClassWeights();
        resumed.Exchange(loading);

        var expected = method.Of(predictor.Predict(extractor.Extract(whole.Inputs))).index_select(0, batch.Labels);
        Assert.True(method.Weigh(step.Context, batch).allclose(expected, 1e-6, 1e-6));
        Assert.True(resumed.Weigh(step.Context, batch).allclose(expected, 1e-6, 1e-6));
        method.OnEnd();
        Assert.False(method.Weigh(step.Context, batch).allclose(expected, 1e-6, 1e-6));
        resumed.OnEnd();
    }

    [Fact]
    public void TargetClassWeights_StoppedWithinAnEpochAndResumed_GiveTheBitsOfAnUninterruptedRun()
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };
        static CrossEntropy Weighed() => new() { Weights = new TargetClassWeights() };
        var expected = InterruptedTraining.Run(Weighed());

        Assert.Null(InterruptedTraining.Run(Weighed(), checkpoints, stopAfter: 13));
        var resumed = InterruptedTraining.Run(Weighed(), checkpoints with { Resume = ResumeMode.Required });

        Assert.Equal(expected, resumed);
        Assert.NotEqual(InterruptedTraining.Run(new CrossEntropy()), expected);
    }

    [Fact]
    public void TargetClassWeights_SoftLabels_WeighByTheMeanOverTheirClasses()
    {
        using var step = Step(out var batch);
        var soft = nn.functional.one_hot(batch.Labels, 2).to(float32);
        var method = new TargetClassWeights();

        var half = method.Weigh(step.Context, batch.With(batch.Inputs, (soft + (1 - soft)) / 2));

        Assert.True(half.allclose(method.Of(step.Context.Scores(step.Context.Target)).mean(), 1e-6, 1e-6));
        var certain = method.Weigh(step.Context, batch.With(batch.Inputs, soft));
        Assert.True(certain.allclose(method.Weigh(step.Context, batch), 1e-6, 1e-6));
    }

    [Fact]
    public void TargetClassWeights_BadSettings_AreNamed()
    {
        Assert.Equal(
            "Temperature",
            Assert
                .Throws<ArgumentOutOfRangeException>(() =>
                    new TargetClassWeights { Temperature = 0 }.Of(Waves.Rows(7, 3, 1))
                )
                .ParamName
        );
        Assert.Equal("scores", Assert.Throws<ArgumentException>(() => new TargetClassWeights().Of(ones(3))).ParamName);
    }

    [Fact]
    public void CriticWeighting_Bounded_IsTheShareOfTheTargetRelativeToItsMean()
    {
        var logits = tensor(new[] { -3.0, -0.5, 0, 2, 900 }).unsqueeze(1);
        var domain = new LabeledDomain(logits, zeros(5, int64), space: LabelSpace.Classes(1));
        var method = new CriticWeighting(nn.Identity().AsPart()) { IsBounded = true };

        var weights = method.Weigh(domain, domain.WithoutLabels(), new FitContext());

        var shares = 1 / (1 + logits.squeeze(1).exp());
        Assert.True(weights.allclose(shares / shares.mean(), 1e-12, 1e-12));
        var sure = new LabeledDomain(full([4, 1], 2000.0, float64), zeros(4, int64), space: LabelSpace.Classes(1));
        var alike = method.Weigh(sure, sure.WithoutLabels(), new FitContext());
        Assert.True(alike.allclose(ones(4, float64), 1e-12, 1e-12));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void CriticWeighting_OfAStep_IsThatOfItsFeatures(bool isBounded)
    {
        using var step = Step(out var batch);
        Toy.SeedModules(3);
        using var critic = Toy.Critic();
        var method = new CriticWeighting(critic, odds: 1.5) { IsBounded = isBounded };

        var weights = step.Context.Weights(method, batch);

        var rows = new LabeledDomain(step.Context.Features(batch).detach(), batch.Labels, space: batch.Space);
        var expected = method.Weigh(rows, rows.WithoutLabels(), new FitContext());
        Assert.True((weights / weights.mean()).allclose(expected, 1e-6, 1e-7));
        Assert.False(weights.requires_grad);
    }

    [LongFact]
    public void Weights_OnDigitsOfFiveClasses_LoseLessToTheOthersThanTheAdversaryAlone()
    {
        var halves = new[] { Readings(HalfOfTheTarget(0)), Readings(HalfOfTheTarget(5)) };
        var means = Enumerable.Range(0, 4).Select(i => halves.Average(half => half[i])).ToArray();

        Assert.True(means[2] >= means[1] + 0.02, $"weighted by classes {means[2]:P1}, not {means[1]:P1}");
        Assert.True(means[3] >= means[1] + 0.025, $"weighted by a critic {means[3]:P1}, not {means[1]:P1}");
    }

    [Fact]
    public void Iwan_ByDefault_MinimizesTheTargetsEntropyByATenth()
    {
        static byte[] Trained(Schedule? entropy)
        {
            Toy.SeedModules(5);
            using var extractor = Toy.Extractor();
            using var predictor = Toy.Predictor();
            using var first = Toy.Critic();
            using var second = Toy.Critic();
            Recipes
                .Iwan(extractor, predictor, first, second, entropy: entropy)
                .Fit(
                    Toy.Source(rows: 40),
                    Toy.LabeledTarget(rows: 40).WithoutLabels(),
                    new FitOptions { Training = new TrainingOptions { Steps = 5 } }
                )
                .Dispose();
            return Toy.Bits(predictor);
        }

        var plain = Trained(null);

        Assert.Equal(Trained(0.1), plain);
        Assert.NotEqual(Trained(0), plain);
    }

    public void Dispose() => scope.Dispose();

    private static LabeledDomain HalfOfTheTarget(long first)
    {
        var target = SmallDigits.Target;
        var rows = target.Labels.ge(first).logical_and(target.Labels.lt(first + 5)).nonzero().squeeze(1);
        return new LabeledDomain(
            target.Inputs.index_select(0, rows),
            target.Labels.index_select(0, rows),
            space: target.Space
        );
    }

    // The accuracy of the source alone, then of the adversary from there, unweighted, weighted by classes and by a
    // critic.
    private double[] Readings(LabeledDomain some)
    {
        var sums = new double[4];
        foreach (var seed in new[] { 1, 2, 3 })
        {
            Toy.SeedModules(seed);
            using var extractor = new ModulePart(() =>
                nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU())
            );
            using var predictor = new ModulePart(() => nn.Linear(64, 10));
            sums[0] += Read(some, extractor, predictor, net => net.Minimize(new CrossEntropy()));
            double Adapted(Action<NetworkTraining, ModulePart, ModulePart> configure)
            {
                using var copy = extractor.Replica();
                using var head = predictor.Replica();
                using var judge = Critic();
                using var critic = Critic();
                return Read(some, copy, head, net => configure(net, judge, critic));
            }
            sums[1] += Adapted((net, _, critic) => net.Minimize(new CrossEntropy()).Oppose(critic));
            sums[2] += Adapted(
                (net, _, critic) =>
                {
                    var weights = new TargetClassWeights();
                    net.Minimize(new CrossEntropy { Weights = weights }).Oppose(critic, weights: weights);
                }
            );
            sums[3] += Adapted(
                (net, judge, critic) =>
                {
                    net.Before(phase => phase.Move(judge).Minimize(new DomainAdversary(judge)));
                    net.Minimize(new CrossEntropy())
                        .Oppose(critic, weights: new CriticWeighting(judge) { IsBounded = true });
                }
            );
        }
        var means = sums.Select(sum => sum / 3).ToArray();
        output.WriteLine(
            $"source {means[0]:P2}, adversary {means[1]:P2}, weighted by classes {means[2]:P2}, by a critic "
                + $"{means[3]:P2}"
        );
        return means;
    }

    private static double Read(
        LabeledDomain target,
        ModulePart extractor,
        ModulePart predictor,
        Action<NetworkTraining> configure
    )
    {
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, configure)
            .Fit(
                SmallDigits.Source,
                target.WithoutLabels(),
                new FitOptions
                {
                    Seed = 1,
                    Training = new TrainingOptions { Epochs = 5, BatchSize = 64 },
                }
            );
        using var scores = model.Predict(target.Inputs);
        return Evaluation.AccuracyInterval.Of(scores, target.Labels).Value;
    }

    private static ModulePart Critic() => new(() => nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1)));

    private static Stepped Step(out LabeledBatch batch)
    {
        var (source, target) = (Toy.Source(rows: 12), Toy.LabeledTarget(rows: 9));
        batch = new LabeledBatch(
            source.Inputs,
            source.Labels,
            DomainId.Source(0),
            arange(12, dtype: int64),
            null,
            source.Space
        );
        return new Stepped(
            new StepBatch([batch], new UnlabeledBatch(target.Inputs, DomainId.Target, arange(9, dtype: int64)))
        );
    }

    private sealed class Stepped : IDisposable
    {
        private readonly ModulePart extractor;
        private readonly ModulePart predictor;

        public Stepped(StepBatch batch)
        {
            Toy.SeedModules(5);
            (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
            Context = StepContext.For(batch, extractor, predictor);
        }

        public StepContext Context { get; }

        public void Dispose()
        {
            extractor.Dispose();
            predictor.Dispose();
        }
    }
}
