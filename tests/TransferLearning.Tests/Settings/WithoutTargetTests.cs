using TransferLearning.Adversarial;
using TransferLearning.Augmentation;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Selection;
using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using TransferLearning.Theory;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>Fits with labeled sources alone: domain generalization.</summary>
public sealed class WithoutTargetTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain[] sources = [Toy.Source(rows: 160), Toy.Source(rows: 64, seed: 7)];
    private readonly LabeledDomain unseen = Toy.LabeledTarget(rows: 80);
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;

    public WithoutTargetTests()
    {
        Toy.SeedModules(5);
        (extractor, predictor) = (Toy.Extractor(hasNormalization: true), Toy.Predictor());
    }

    [Fact]
    public void FitWithoutTarget_OfSourceTerms_EndsWithTheBitsOfAFitWhoseTargetNobodyLooksAt()
    {
        byte[] Bits(Func<AdaptationBuilder, AdaptedModel> fit)
        {
            Toy.SeedModules(9);
            using var one = Toy.Extractor(dropout: 0.2, hasNormalization: true);
            using var two = Toy.Predictor();
            using var model = fit(Learned(one, two));
            return Toy.Bits(one, two);
        }

        Assert.Equal(
            Bits(chain => chain.Fit(sources, unseen.WithoutLabels(), Options(20))),
            Bits(chain => chain.FitWithoutTarget(sources, Options(20)))
        );
    }

    [Fact]
    public void FitWithoutTarget_OfTwoSources_ReadsADomainThatItHasNotSeen()
    {
        using var model = Learned(extractor, predictor).FitWithoutTarget(sources, Options(100));

        using var classes = model.PredictClasses(unseen.Inputs);
        Assert.Equal(LabelSpace.Classes(2), model.Space);
        Assert.True(Evaluation.AccuracyInterval.Of(classes, unseen.Labels).Value > 0.9);
        Assert.Equal([80L, 2L], model.Predict(unseen.Inputs, DomainId.Source(1)).shape);
    }

    [Fact]
    public void FitWithoutTarget_OneEpoch_IsOnePassOverTheLargestSource()
    {
        var steps = new Steps();

        Learned(extractor, predictor)
            .FitWithoutTarget(
                sources,
                new FitOptions
                {
                    Training = new TrainingOptions { Epochs = 3, BatchSize = 32 },
                    Observers = [steps],
                }
            )
            .Dispose();

        Assert.Equal(3 * 160 / 32, steps.Count);
    }

    [Theory]
    [InlineData(DomainPasses.Apart)]
    [InlineData(DomainPasses.Joined)]
    public void FitWithoutTarget_StoppedAndResumed_EndsWithTheSameBits(DomainPasses passes)
    {
        using var folder = new TemporaryFolder();
        byte[]? Run(CheckpointOptions? checkpoints, int? stopAfter)
        {
            Toy.SeedModules(9);
            using var one = Toy.Extractor(dropout: 0.2, hasNormalization: true);
            using var two = Toy.Predictor();
            using var stopping = new CancellationTokenSource();
            var options = Options(30, passes) with
            {
                Checkpoints = checkpoints,
                Observers = [new Steps { StopAfter = stopAfter, Stopping = stopping }],
            };
            try
            {
                Learned(one, two).FitWithoutTarget(sources, options, cancellationToken: stopping.Token).Dispose();
                return Toy.Bits(one, two);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 };

        var expected = Run(null, null);
        Assert.Null(Run(checkpoints, 13));
        var resumed = Run(checkpoints with { Resume = ResumeMode.Required }, null);

        Assert.Equal(expected, resumed);
    }

    [Fact]
    public void FitWithoutTarget_OnTheCheckpointOfAFitWithATarget_SaysWhatDiffers()
    {
        using var folder = new TemporaryFolder();
        var options = Options(4) with { Checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 1 } };
        Learned(extractor, predictor).Fit(sources, unseen.WithoutLabels(), options).Dispose();

        var refused = Assert.Throws<InvalidDataException>(() =>
            Learned(extractor, predictor)
                .FitWithoutTarget(
                    sources,
                    options with
                    {
                        Checkpoints = options.Checkpoints with { Resume = ResumeMode.Required },
                    }
                )
        );

        Assert.Contains("target: saved", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FitWithoutTarget_OfWhatAsksForATarget_NamesIt()
    {
        void Refuses(AdaptationBuilder chain, FitOptions? options, params string[] words)
        {
            var before = Toy.Bits(extractor, predictor);
            var refused = Assert.Throws<InvalidAdaptationException>(() => chain.FitWithoutTarget(sources, options));
            Assert.All(words, word => Assert.Contains(word, refused.Message, StringComparison.Ordinal));
            Assert.Equal(before, Toy.Bits(extractor, predictor));
        }
        AdaptationBuilder Trained(Action<NetworkTraining> more) =>
            new AdaptationBuilder().Train(
                extractor,
                predictor,
                net =>
                {
                    net.Minimize(new CrossEntropy());
                    more(net);
                }
            );
        const string None = "and this fit has none";

        Refuses(Trained(net => net.Align(new EnergyDistance())), null, "EnergyDistance", "asks for target rows", None);
        Refuses(
            Trained(net => net.Minimize(new EntropyMinimization())),
            null,
            "EntropyMinimization",
            "asks for target rows",
            None
        );
        Refuses(Trained(net => net.Augment(new FourierDomainAdaptation())), null, "FourierDomainAdaptation", None);
        Refuses(
            Trained(net => net.Augment(new AugmentedInputs(new Noise(0.1)) { IncludesTarget = true })),
            null,
            "AugmentedInputs",
            None
        );
        Refuses(
            new AdaptationBuilder().Weight(new KernelMeanMatching()).Learn(new LogisticRegression()),
            null,
            "KernelMeanMatching",
            "works on target rows",
            None
        );
        Refuses(
            new AdaptationBuilder().Map(new CorrelationAlignment()).Learn(new LogisticRegression()),
            null,
            "CorrelationAlignment",
            "works on target rows",
            None
        );
        Refuses(
            Trained(_ => { }).Add(new AdaptiveBatchNormalization()),
            null,
            "AdaptiveBatchNormalization",
            "works on target rows",
            None
        );
        Refuses(
            Trained(_ => { }),
            Options(4) with
            {
                Training = new TrainingOptions { Steps = 4, Validation = new PredictionEntropy() },
            },
            "PredictionEntropy",
            "looks at target rows",
            None
        );
        Refuses(
            Trained(_ => { }),
            Options(4) with
            {
                Observers = [new AdversarialDiagnosis(Toy.Critic())],
            },
            "AdversarialDiagnosis",
            None
        );
    }

    [Fact]
    public void FitWithoutTarget_OfAnExtractorWithABranchForTheTarget_IsRefused()
    {
        var branches = new PerDomainExtractor(Toy.Extractor(), Toy.Extractor());

        var trained = Assert.Throws<InvalidAdaptationException>(() =>
            Learned(branches, predictor).FitWithoutTarget(sources)
        );
        var frozen = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder().Frozen(branches).Learn(new LogisticRegression()).FitWithoutTarget(sources)
        );

        Assert.Contains("PerDomainExtractor keeps a branch for the target", trained.Message, StringComparison.Ordinal);
        Assert.Contains("PerDomainExtractor keeps a branch for the target", frozen.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FitWithoutTarget_OfShallowStages_MapsAndLearns()
    {
        using var model = new AdaptationBuilder()
            .Map(new Standardize())
            .Map(new UnitLength())
            .Learn(new LogisticRegression())
            .FitWithoutTarget(sources);

        using var classes = model.PredictClasses(unseen.Inputs);
        Assert.True(Evaluation.AccuracyInterval.Of(classes, unseen.Labels).Value > 0.9);
        Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Map(new Standardize { PerDomain = true })
                .Learn(new LogisticRegression())
                .FitWithoutTarget(sources)
        );
    }

    [Fact]
    public void FitWithoutTarget_ByAHeldOutScore_StopsEarlyAndRestoresTheBest()
    {
        var epochs = new Steps();
        var options = new FitOptions
        {
            Training = new TrainingOptions
            {
                Epochs = 50,
                BatchSize = 32,
                Validation = new SourceAccuracy(Toy.Source(rows: 40, seed: 3)),
                RestoreBest = true,
            },
            Observers = [new EarlyStopping(patience: 2), epochs],
        };

        Learned(extractor, predictor).FitWithoutTarget(sources, options).Dispose();

        Assert.True(epochs.Epochs < 50);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(10, true)]
    public void FitWithoutTarget_ThatEndsInOneClass_SaysSo(double weight, bool isCollapsed)
    {
        var log = new LogLines();
        using var ofThree = Toy.Predictor(3);
        LabeledDomain[] three = [Toy.Source(rows: 90, classes: 3), Toy.Source(rows: 60, seed: 7, classes: 3)];
        var chain = new AdaptationBuilder().Train(
            extractor,
            ofThree,
            net => net.Minimize(new CrossEntropy()).Minimize(new FirstClass(), weight)
        );

        chain.FitWithoutTarget(three, Options(200) with { Logger = log }).Dispose();

        Assert.Equal(
            isCollapsed,
            log.Warnings.Any(warning =>
                warning.Contains(
                    "the sources' rows are read as 1.0 classes, the sources' labels are 3.0",
                    StringComparison.Ordinal
                )
            )
        );
    }

    [Fact]
    public void Target_OfAStepAndOfDomainsWithoutOne_ThrowsWhatToDo()
    {
        var domains = new DomainSet(sources);
        var batch = new StepBatch(Toy.Step(extractor, predictor, sources: 2).Sources, target: null);
        var step = StepContext.For(batch, extractor, predictor);

        Assert.False(domains.HasTarget);
        Assert.Contains("fit with a target", Fault(() => _ = domains.Target), StringComparison.Ordinal);
        Assert.Contains("fit with a target", Fault(() => _ = step.Target), StringComparison.Ordinal);
        Assert.Equal(2, domains.Through(extractor).Sources.Count);
        static string Fault(Action ask) => Assert.Throws<InvalidOperationException>(ask).Message;
    }

    [Fact]
    public void Fit_OfANullTarget_IsStillRefused()
    {
        var chain = Learned(extractor, predictor);

        Assert.Equal("target", Assert.Throws<ArgumentNullException>(() => chain.Fit(sources, null!)).ParamName);
        Assert.Equal("target", Assert.Throws<ArgumentNullException>(() => chain.Fit(sources[0], null!)).ParamName);
        Assert.Throws<ArgumentException>(() => chain.FitWithoutTarget([]));
        Assert.Throws<ArgumentNullException>(() => chain.FitWithoutTarget(null!));
    }

    public void Dispose()
    {
        extractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
    }

    private static AdaptationBuilder Learned(IFeatureExtractor extractor, ILabelPredictor predictor) =>
        new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(new CrossEntropy()));

    private static FitOptions Options(int steps, DomainPasses passes = DomainPasses.Apart) =>
        new()
        {
            Training = new TrainingOptions
            {
                Steps = steps,
                BatchSize = 32,
                Passes = passes,
            },
        };

    /// <summary>Wants every row to be read as the first class.</summary>
    private sealed class FirstClass : IObjective
    {
        public Tensor Evaluate(StepContext step) =>
            stack([.. step.Sources.Select(batch => (step.Scores(batch)[.., 1..] - step.Scores(batch)[.., ..1]).mean())])
                .mean();
    }

    private sealed class Steps : ITrainingObserver
    {
        public int Count { get; private set; }

        public int Epochs { get; private set; }

        public int? StopAfter { get; init; }

        public CancellationTokenSource? Stopping { get; init; }

        public void OnStep(StepReport report)
        {
            if (++Count == StopAfter)
            {
                Stopping!.Cancel();
            }
        }

        public void OnEpoch(EpochReport report) => Epochs++;
    }
}
