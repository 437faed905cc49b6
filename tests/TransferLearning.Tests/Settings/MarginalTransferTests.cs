using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>Rows read beside their domain's mean feature: MTL.</summary>
public sealed class MarginalTransferTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Predict_SomeRows_ReadsEachBesideTheirMean()
    {
        using var inner = new ModulePart(() => nn.Linear(4, 3));
        var predictor = new MarginalPredictor(inner);
        var features = tensor(
            new float[,]
            {
                { 1, 2 },
                { 3, 6 },
            }
        );

        var scores = predictor.Predict(features);

        var beside = tensor(
            new float[,]
            {
                { 1, 2, 2, 4 },
                { 3, 6, 2, 4 },
            }
        );
        Assert.True(scores.allclose(inner.Predict(beside)));
        Assert.True(predictor.Predict(features, tensor(new[] { 2f, 4 })).allclose(scores));
        Assert.Equal("domain", Assert.Throws<ArgumentException>(() => predictor.Predict(features, zeros(3))).ParamName);
    }

    [Fact]
    public void Evaluate_StepAfterStep_FollowsTheMeanOfEachDomain()
    {
        Toy.SeedModules(3);
        using var extractor = Toy.Extractor();
        using var inner = new ModulePart(() => nn.Linear(16, 2));
        var predictor = new MarginalPredictor(inner);
        var risk = new MarginalRisk { Share = 0.75 };
        var first = Toy.Step(extractor, predictor, sources: 2);
        var changed = first.Batch.Sources.Select(batch => batch.With(batch.Inputs + 1, batch.Labels));
        var second = StepContext.For(new StepBatch([.. changed], first.Target), extractor, predictor);

        var before = risk.Evaluate(first).item<float>();
        risk.OnStepped(View(extractor, predictor), first);
        var after = risk.Evaluate(second).item<float>();

        Assert.Equal(Risk(first, (_, now) => now), before, 1e-5);
        Assert.Equal(
            Risk(second, (k, now) => (now * 0.75) + (first.Features(first.Sources[k]).mean([0L]) * 0.25)),
            after,
            1e-5
        );
        risk.OnEnd();

        float Risk(StepContext step, Func<int, Tensor, Tensor> mean) =>
            step
                .Sources.Select(
                    (batch, k) =>
                    {
                        var features = step.Features(batch);
                        var beside = mean(k, features.mean([0L])).expand(features.shape);
                        var scores = inner.Predict(cat([features, beside], 1));
                        return nn.functional.cross_entropy(scores, batch.Labels).item<float>();
                    }
                )
                .Average();
    }

    [Theory]
    [InlineData(5)]
    [InlineData(17)]
    public void MarginalRisk_StoppedAndResumed_EndsWithTheSameBits(int stopAfter)
    {
        byte[]? Run(CheckpointOptions? checkpoints, int? stop)
        {
            Toy.SeedModules(9);
            using var extractor = Toy.Extractor(dropout: 0.2);
            using var inner = new ModulePart(() => nn.Linear(16, 2));
            using var stopping = new CancellationTokenSource();
            var options = new FitOptions
            {
                Training = new TrainingOptions { Steps = 24, BatchSize = 16 },
                Checkpoints = checkpoints,
                Observers = [new Stops(stop, stopping)],
            };
            try
            {
                Recipes
                    .Mtl(extractor, inner, batchShare: 0.5)
                    .FitWithoutTarget(SourceRuns.Two(), options, cancellationToken: stopping.Token)
                    .Dispose();
                return Toy.Bits(extractor, inner);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
        using var folder = new TemporaryFolder();
        var kept = new CheckpointOptions(folder.Path) { EverySteps = 1 };

        var whole = Run(null, null);
        Assert.Null(Run(kept, stopAfter));

        Assert.Equal(whole, Run(kept with { Resume = ResumeMode.Required }, null));
    }

    [Fact]
    public void Plan_WithoutTheMarginalPredictorOrWithJoinedPasses_SaysWhatIsExpected()
    {
        string Fault(AdaptationBuilder chain, DomainPasses passes) =>
            Assert
                .Throws<InvalidAdaptationException>(() =>
                    chain.FitWithoutTarget(
                        SourceRuns.Two(),
                        new FitOptions { Training = new TrainingOptions { Passes = passes } }
                    )
                )
                .Message;

        var plain = new AdaptationBuilder().Train(
            Toy.Extractor(),
            Toy.Predictor(),
            net => net.Minimize(new MarginalRisk())
        );
        Assert.Contains(
            "MarginalPredictor around the predictor",
            Fault(plain, DomainPasses.Apart),
            StringComparison.Ordinal
        );
        var marginal = Recipes.Mtl(Toy.Extractor(), new ModulePart(() => nn.Linear(16, 2)));
        Assert.Contains("DomainPasses.Apart", Fault(marginal, DomainPasses.Joined), StringComparison.Ordinal);
    }

    // Each domain is moved as a whole by a number that differs, and what tells the classes apart is where a row stands
    // in its domain: no rule of single rows can read them.
    [Fact]
    public void Mtl_WhereTheDomainDecides_ReadsAnUnseenDomainBetterThanErm()
    {
        LabeledDomain[] sources = [.. Enumerable.Range(0, 6).Select(k => Moved((k * 2) - 5, k))];
        var unseen = Moved(2.1, 20);
        var options = new FitOptions
        {
            Seed = 1,
            Training = new TrainingOptions { Steps = 600, BatchSize = 64 },
        };
        double Read(AdaptationBuilder chain)
        {
            using var model = chain.FitWithoutTarget(sources, options);
            return Evaluation.AccuracyInterval.Of(model.PredictClasses(unseen.Inputs), unseen.Labels).Value;
        }
        Toy.SeedModules(2);
        using var extractor = new ModulePart(() => nn.Linear(4, 8));
        using var other = new ModulePart(() => nn.Linear(4, 8));
        using var narrow = new ModulePart(() => nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 2)));
        using var wide = new ModulePart(() => nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 2)));

        var erm = Read(Recipes.Erm(other, narrow));
        var mtl = Read(Recipes.Mtl(extractor, wide));

        Assert.True(mtl > 0.9 && mtl > erm + 0.1, $"{erm} to {mtl}");
    }

    public void Dispose() => scope.Dispose();

    internal static LabeledDomain Moved(double by, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var labels = arange(200, dtype: int64).remainder(2);
        var rows = randn([200, 4], generator: generator) * 0.4;
        var place = ((labels.to(float32) * 2) - 1 + by).unsqueeze(1) * tensor(new[] { 1f, 0, 0, 0 });
        return new LabeledDomain(rows + place, labels, space: LabelSpace.Classes(2));
    }

    private static TrainingView View(IFeatureExtractor extractor, ILabelPredictor predictor) =>
        new(
            new DomainSet([Toy.Source(rows: 4)], Toy.LabeledTarget(rows: 4).WithoutLabels()),
            extractor,
            predictor,
            1,
            0,
            0.5,
            new RandomKey(1)
        );

    private sealed class Stops(int? steps, CancellationTokenSource stopping) : ITrainingObserver
    {
        private int taken;

        public void OnStep(StepReport report)
        {
            if (++taken == steps)
            {
                stopping.Cancel();
            }
        }
    }
}
