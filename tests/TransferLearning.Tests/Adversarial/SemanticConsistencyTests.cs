using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class SemanticConsistencyTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_Scores_IsTheSumOfBothCrossEntropiesByHand()
    {
        var (source, target, scores) = (randn(4, 3), randn(5, 3), randn(5, 3));
        var labels = tensor(new long[] { 0, 2, 1, 2 });
        static double Entropy(Tensor logits, IReadOnlyList<long> classes)
        {
            var rows = Enumerable
                .Range(0, (int)logits.shape[0])
                .Select(i => logits[i].data<float>().ToArray())
                .ToList();
            return rows.Select((row, i) => Math.Log(row.Sum(z => Math.Exp(z))) - row[classes[i]]).Average();
        }
        var read = Enumerable
            .Range(0, 5)
            .Select(i => scores[i].data<float>().ToArray())
            .Select(row => (long)Array.IndexOf(row, row.Max()))
            .ToList();

        var term = SemanticConsistency.Of(source, labels, target, scores);

        Assert.Equal(Entropy(source, [0, 2, 1, 2]) + Entropy(target, read), term.item<float>(), 1e-5);
        Assert.Throws<ArgumentException>(() => SemanticConsistency.Of(source, labels, target, randn(5, 2)));
        Assert.Throws<ArgumentException>(() => SemanticConsistency.Of(source, labels[..3], target, scores));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Evaluate_OfAStep_AsksTheNetworkAboutTranslatedImages(bool keepsPredictions)
    {
        Toy.SeedModules(3);
        using var networks = Networks();
        var (source, target) = (Toy.Images(8), Toy.Images(6, seed: 4));
        var (extractor, predictor) = (Toy.ImageExtractor(), Toy.Predictor());
        var asked = new AdaptationState(new DomainSet([source], target.WithoutLabels()), null, extractor, predictor);
        var step = StepContext.For(
            new StepBatch(
                [new LabeledBatch(source.Inputs, source.Labels, DomainId.Source(0), arange(8), null, source.Space)],
                new UnlabeledBatch(target.Inputs, DomainId.Target, arange(6))
            ),
            Toy.ImageExtractor(),
            Toy.Predictor()
        );
        Tensor Read(Tensor images) => predictor.Predict(extractor.Extract(images));
        var labels = keepsPredictions ? Read(source.Inputs).argmax(1) : source.Labels;

        var term = new SemanticTerm(
            networks,
            asked,
            new SemanticConsistency { KeepsPredictions = keepsPredictions }
        ).Evaluate(step);

        var expected =
            CrossEntropy.Of(Read(networks.ToTarget.Extract(source.Inputs)), labels)
            + CrossEntropy.Of(Read(networks.ToSource.Extract(target.Inputs)), Read(target.Inputs).argmax(1));
        Assert.Equal(expected.item<float>(), term.item<float>(), 1e-4f);
    }

    [Fact]
    public void Fit_WithSemantics_LeavesTheNetworkAndKeepsMoreOfItsReadings()
    {
        double Kept(SemanticConsistency? semantics)
        {
            Toy.SeedModules(3);
            using var networks = Networks();
            var (extractor, predictor) = (Toy.ImageExtractor(), Toy.Predictor());
            var (source, target) = (Toy.Images(64), Toy.Images(64, seed: 4).WithoutLabels());
            var later = (Extractor: Toy.ImageExtractor(), Predictor: Toy.Predictor());
            using var model = new AdaptationBuilder()
                .Train(
                    extractor,
                    predictor,
                    net => net.Minimize(new CrossEntropy()).With(new TrainingOptions { Steps = 60, BatchSize = 32 })
                )
                .Add(
                    new ImageTranslation(networks)
                    {
                        Semantics = semantics,
                        SemanticWeight = 5,
                        Cycle = 0.01,
                        Options = new TrainingOptions
                        {
                            Steps = 25,
                            BatchSize = 16,
                            Optimizer = parameters => optim.Adam(parameters, 2e-3, 0.5),
                        },
                    }
                )
                .Train(later.Extractor, later.Predictor, net => net.Minimize(new CrossEntropy()))
                .Fit(source, target, new FitOptions { Training = new TrainingOptions { Steps = 2 } });
            return CrossEntropy
                .Of(predictor.Predict(extractor.Extract(networks.ToTarget.Extract(source.Inputs))), source.Labels)
                .item<float>();
        }

        var (tied, free) = (Kept(new SemanticConsistency()), Kept(null));

        Assert.True(tied < 0.7 * free, $"{tied} against {free}");
    }

    [Fact]
    public void Fit_WithANetworkThatPassesNoGradient_IsRefused()
    {
        using var networks = Networks();
        var chain = new AdaptationBuilder()
            .Add(new Deaf())
            .Add(new ImageTranslation(networks) { Semantics = new SemanticConsistency() })
            .Train(Toy.ImageExtractor(), Toy.Predictor(), net => net.Minimize(new CrossEntropy()));

        var thrown = Assert.Throws<InvalidOperationException>(() =>
            chain.Fit(
                Toy.Images(16),
                Toy.Images(16, seed: 4).WithoutLabels(),
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 1, BatchSize = 8 },
                }
            )
        );

        Assert.Contains("passes none: put Train(...) right before", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_WithoutANetworkBefore_AsksForOne()
    {
        using var networks = Networks();
        var chain = new AdaptationBuilder()
            .Add(new ImageTranslation(networks) { Semantics = new SemanticConsistency() })
            .Train(Toy.ImageExtractor(), Toy.Predictor(), net => net.Minimize(new CrossEntropy()));

        var thrown = Assert.Throws<InvalidAdaptationException>(() =>
            chain.Fit(Toy.Images(8), Toy.Images(8, seed: 4).WithoutLabels())
        );

        Assert.Contains("put Train(...) before it", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cycada_Chain_HasTheWeightsOfTheAuthorsProgram()
    {
        Toy.SeedModules(3);
        using var networks = Networks();
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        using var model = Recipes
            .Cycada(networks, Toy.ImageExtractor(), Toy.Predictor(), Toy.Critic())
            .Fit(
                Toy.Images(16),
                Toy.Images(16, seed: 4).WithoutLabels(),
                new FitOptions
                {
                    Observers = [new Names(values)],
                    Training = new TrainingOptions { Steps = 2, BatchSize = 8 },
                }
            );

        Assert.Equal(
            [
                "CrossEntropy",
                "DomainAdversary",
                "ImageTranslation.Cycle",
                "ImageTranslation.Disguise",
                "ImageTranslation.Semantics",
                "PatchDiscrimination.Source",
                "PatchDiscrimination.Target",
            ],
            values.Keys.Order(StringComparer.Ordinal)
        );
    }

    public void Dispose() => scope.Dispose();

    private static TranslationNetworks Networks() => new(1, width: 4, blocks: 1, criticLayers: 1, black: 0, white: 2);

    // Leaves a predictor of images that passes no gradient.
    private sealed class Deaf : IAdaptationStage, ILabelPredictor
    {
        public ScoreKind ScoreKind => ScoreKind.Logits;

        public ChainPlan Plan(ChainPlan plan) => plan.WithFittedPredictor();

        public AdaptationState Fit(AdaptationState state, FitRun run) => state.With(extractor: null, this);

        public Tensor Predict(Tensor features) => zeros(features.shape[0], 2);
    }

    private sealed class Names(Dictionary<string, double> values) : ITrainingObserver
    {
        public void OnStep(StepReport report)
        {
            foreach (var (name, value) in report.Objectives)
            {
                values[name] = value;
            }
        }
    }
}
