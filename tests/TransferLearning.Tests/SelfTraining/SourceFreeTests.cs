using TransferLearning.Consistency;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.SelfTraining;

/// <summary>Adaptation without source rows, in a fit of its own.</summary>
public sealed class SourceFreeTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain labeledTarget = Toy.LabeledTarget(rows: 160);
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;

    public SourceFreeTests()
    {
        Toy.SeedModules(5);
        (extractor, predictor) = (Toy.Extractor(hasNormalization: true), Toy.Predictor());
    }

    [Fact]
    public void CentroidPseudoLabels_OfTwoClouds_FollowTheCloudsAndNotThePredictor()
    {
        // The predictor is right for two rows of three in each cloud, and sure of nothing.
        var features = tensor(
            new double[,]
            {
                { 5, 0 },
                { 5, 1 },
                { 5, -1 },
                { 0, 5 },
                { 1, 5 },
                { -1, 5 },
            }
        );
        var read = tensor(new long[] { 0, 0, 1, 1, 1, 0 });
        var scores = nn.functional.one_hot(read, 3).to(float64) * 0.5;

        var labels = new CentroidPseudoLabels().Labels(features, scores);

        Assert.Equal([0, 0, 0, 1, 1, 1], labels.data<long>()); // and none is of class 2, which no row is read as
    }

    [Fact]
    public void CentroidPseudoLabels_OfARareClass_LeaveItOutWhereAsked()
    {
        var features = tensor(
            new double[,]
            {
                { 5, 0 },
                { 5, 1 },
                { 0, 5 },
            }
        );
        var scores = eye(2, dtype: float64).index_select(0, tensor(new long[] { 0, 0, 1 })) * 3;

        Assert.Equal([0, 0, 1], new CentroidPseudoLabels().Labels(features, scores).data<long>());
        Assert.Equal(
            [0, 0, 0],
            new CentroidPseudoLabels { LeastRows = 2 }
                .Labels(features, scores)
                .data<long>()
        );
        Assert.Equal(
            [0, 0, 1],
            new CentroidPseudoLabels { LeastRows = 9 }
                .Labels(features, scores)
                .data<long>()
        );
    }

    [Fact]
    public void CentroidPseudoLabels_OfRandomRows_AreThoseOfTheFormulaWrittenOut()
    {
        var (features, scores) = (Random(1, 30, 4), Random(2, 30, 3));

        var labels = new CentroidPseudoLabels().Labels(features, scores).data<long>().ToArray();

        double[][] rows =
        [
            .. Rows(features)
                .Select(row =>
                {
                    double[] longer = [.. row, 1];
                    var length = Math.Sqrt(longer.Sum(x => x * x));
                    return longer.Select(x => x / length).ToArray();
                }),
        ];
        var shares = Rows(scores.softmax(1));
        long[] read = [];
        for (var round = 0; round < 2; round++)
        {
            double[][] centroids =
            [
                .. Enumerable
                    .Range(0, 3)
                    .Select(c =>
                        Enumerable
                            .Range(0, 5)
                            .Select(d => rows.Zip(shares, (row, p) => row[d] * p[c]).Sum() / shares.Sum(p => p[c]))
                            .ToArray()
                    ),
            ];
            double Cosine(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(b.Sum(y => y * y));
            read = [.. rows.Select(row => (long)Enumerable.Range(0, 3).MaxBy(c => Cosine(row, centroids[c])))];
            shares = [.. read.Select(label => Enumerable.Range(0, 3).Select(c => c == label ? 1.0 : 0).ToArray())];
        }
        Assert.Equal(read, labels);
    }

    [Fact]
    public void Shot_WithoutSourceRows_AdaptsTheExtractorAndKeepsThePredictor()
    {
        TrainOnSource();
        var (before, kept) = (Accuracy(new AdaptedModel(extractor, predictor)), Toy.Bits(predictor));
        var moved = Toy.Bits(extractor);

        using var model = Recipes
            .Shot(extractor, predictor)
            .FitSourceFree(labeledTarget.WithoutLabels(), LabelSpace.Classes(2), Options(200));

        Assert.Equal(kept, Toy.Bits(predictor));
        Assert.NotEqual(moved, Toy.Bits(extractor));
        Assert.Equal(LabelSpace.Classes(2), model.Space);
        Assert.True(Accuracy(model) >= before, $"{before} before, {Accuracy(model)} after");
        Assert.True(Accuracy(model) >= 0.9, $"{Accuracy(model)}");
    }

    [Fact]
    public void Shot_WithASourceAtHand_DoesNotLookAtIt()
    {
        byte[] Bits(long seed)
        {
            Toy.SeedModules(9);
            using var one = Toy.Extractor();
            using var two = Toy.Predictor();
            using var model = Recipes
                .Shot(one, two)
                .Fit(Toy.Source(rows: 160, seed: seed), labeledTarget.WithoutLabels(), Options(20));
            return Toy.Bits(one, two);
        }

        Assert.Equal(Bits(1), Bits(2));
    }

    [Fact]
    public void FitSourceFree_StoppedAndResumed_EndsWithTheSameBits()
    {
        using var folder = new TemporaryFolder();
        byte[]? Run(CheckpointOptions? checkpoints, int? stopAfter)
        {
            Toy.SeedModules(9);
            using var one = Toy.Extractor(dropout: 0.2, hasNormalization: true);
            using var two = Toy.Predictor();
            using var stopping = new CancellationTokenSource();
            var taken = 0;
            var options = Options(30) with
            {
                Checkpoints = checkpoints,
                Observers = [new Steps(() => taken++, () => taken == stopAfter, stopping)],
            };
            try
            {
                Recipes
                    .Shot(one, two)
                    .FitSourceFree(
                        labeledTarget.WithoutLabels(),
                        LabelSpace.Classes(2),
                        options,
                        cancellationToken: stopping.Token
                    )
                    .Dispose();
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
    public void FitSourceFree_OfWhatAsksForASource_NamesIt()
    {
        void Refuses(AdaptationBuilder chain, string words)
        {
            var refused = Assert.Throws<InvalidAdaptationException>(() =>
                chain.FitSourceFree(labeledTarget.WithoutLabels(), LabelSpace.Classes(2))
            );
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        }

        Refuses(
            new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(new CrossEntropy())),
            "asks for source rows, and this fit has none"
        );
        Refuses(
            new AdaptationBuilder().Train(
                extractor,
                predictor,
                net => net.Minimize(new EntropyMinimization()).Align(new EnergyDistance())
            ),
            "asks for source rows, and this fit has none"
        );
        Refuses(new AdaptationBuilder().Learn(new LogisticRegression()), "works on source rows, and this fit has none");
        Refuses(
            new AdaptationBuilder().Train(extractor, Toy.Predictor(3), net => net.Minimize(new EntropyMinimization())),
            "the labels need"
        );
    }

    [Fact]
    public void FitSourceFree_OfTargetTerms_CanBeFollowedByTheTargetsStatistics()
    {
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new FixMatch(new Noise(0.1)) { Threshold = 0.5 }))
            .Add(new AdaptiveBatchNormalization())
            .FitSourceFree(labeledTarget.WithoutLabels(), LabelSpace.Classes(2), Options(4));

        Assert.Equal([160L, 2L], model.Predict(labeledTarget.Inputs).shape);
    }

    public void Dispose()
    {
        extractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
    }

    private static FitOptions Options(int steps) =>
        new()
        {
            Training = new TrainingOptions { Steps = steps, BatchSize = 32 },
        };

    private static double[][] Rows(Tensor of) =>
        [.. Enumerable.Range(0, (int)of.shape[0]).Select(i => of[i].data<double>().ToArray())];

    private static Tensor Random(long seed, long rows, long width)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, width], dtype: float64, generator: generator);
    }

    private void TrainOnSource() =>
        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy { LabelSmoothing = 0.1 }))
            .Fit(Toy.Source(rows: 160), labeledTarget.WithoutLabels(), Options(100))
            .Dispose();

    private double Accuracy(AdaptedModel model)
    {
        using var classes = model.PredictClasses(labeledTarget.Inputs);
        return Evaluation.AccuracyInterval.Of(classes, labeledTarget.Labels).Value;
    }

    private sealed class Steps(Action count, Func<bool> isEnd, CancellationTokenSource stopping) : ITrainingObserver
    {
        public void OnStep(StepReport report)
        {
            count();
            if (isEnd())
            {
                stopping.Cancel();
            }
        }
    }
}
