using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.SelfSupervision;
using TransferLearning.Tests.EndToEnd;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the pages on learning without labels, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class SelfSupervisionExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Noise strongView = new(0.2);
    private readonly LabeledDomain source = Toy.Source();
    private readonly LabeledDomain fewLabeled = Toy.LabeledTarget(rows: 16, seed: 9);
    private readonly LabeledDomain labeledTarget = Toy.LabeledTarget();
    private readonly LabeledDomain imageSource = Toy.Images();
    private readonly ModulePart extractor;
    private readonly ModulePart imageExtractor;
    private readonly ModulePart predictor;

    public SelfSupervisionExamples()
    {
        Toy.SeedModules(5);
        (extractor, predictor, imageExtractor) = (Toy.Extractor(), Toy.Predictor(), Toy.ImageExtractor());
    }

    private UnlabeledDomain target => labeledTarget.WithoutLabels();

    private UnlabeledDomain unlabeled => Toy.LabeledTarget(rows: 300, seed: 10).WithoutLabels();

    private UnlabeledDomain unlabeledImages => new(SmallDigits.Source.Inputs.narrow(0, 0, 60).view(-1, 1, 8, 8));

    private UnlabeledDomain otherImages => Digits(200, 300).WithoutLabels();

    private LabeledDomain fewImages => Digits(0, 200);

    private UnlabeledDomain imageTarget => Toy.Images(seed: 4).WithoutLabels();

    [Fact]
    public void NormalizedTemperatureContrast()
    {
        using var head = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 4));
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .SelfSupervise(new NormalizedTemperatureContrast(head.AsPart(), strongView), weight: 0.2)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void SwappedAssignment()
    {
        using var head = new ModulePart(() => nn.Linear(8, 4));
        using var prototypes = new ModulePart(() => nn.Linear(4, 6, hasBias: false));
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .SelfSupervise(new SwappedAssignment(head, prototypes, strongView) { Queue = 256 }, weight: 0.2)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void MomentumContrast()
    {
        using var head = new ModulePart(() => nn.Linear(8, 4));
        using var keyExtractor = extractor.Replica();
        using var keyHead = head.Replica();
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .SelfSupervise(
                            new MomentumContrast(head, keyExtractor, keyHead, strongView) { Keys = 256 },
                            weight: 0.2
                        )
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void BootstrapLatent()
    {
        using var head = new ModulePart(() =>
            nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 4))
        );
        using var guess = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 4));
        using var goalExtractor = extractor.Replica();
        using var goalHead = head.Replica();
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .SelfSupervise(
                            new BootstrapLatent(head, guess.AsPart(), goalExtractor, goalHead, strongView),
                            weight: 0.2
                        )
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void SiameseSimilarity()
    {
        using var head = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8));
        using var guess = nn.Sequential(nn.Linear(8, 2), nn.ReLU(), nn.Linear(2, 8));
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .SelfSupervise(new SiameseSimilarity(head.AsPart(), guess.AsPart(), strongView), weight: 0.2)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void SupervisedContrast()
    {
        using var head = nn.Linear(8, 4);
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .SelfSupervise(new SupervisedContrast(head.AsPart(), strongView), weight: 0.2)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ContrastivePredictiveCoding()
    {
        using var encoder = new ModulePart(() => nn.Sequential(nn.Unflatten(1, [2, 2]), nn.Linear(2, 4), nn.ReLU()));
        using var sequences = nn.Sequential((nn.Module<Tensor, Tensor>)encoder.Module, nn.Flatten());
        using var context = nn.Linear(4, 4);
        using var predictions = nn.Linear(4, 4);
        using var model = new AdaptationBuilder()
            .Train(
                sequences.AsPart(),
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .SelfSupervise(
                            new ContrastivePredictiveCoding(encoder, context.AsPart(), predictions.AsPart()),
                            weight: 0.1
                        )
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void RotationPrediction()
    {
        using var head = nn.Linear(8, 4);
        using var model = new AdaptationBuilder()
            .Train(
                imageExtractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .SelfSupervise(new RotationPrediction(head.AsPart()) { DrawsTurns = true }, weight: 0.5)
            )
            .Fit(imageSource, imageTarget);
        using var scores = model.Predict(imageSource.Inputs);
        Assert.Equal([256L, 2L], scores.shape);
    }

    [Fact]
    public void MaskedAutoencoding()
    {
        using var decoder = nn.Linear(8, 4);
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .SelfSupervise(new MaskedAutoencoding(decoder.AsPart()) { Share = 0.3 }, weight: 0.5)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void SparseCoding()
    {
        using var atoms = new SparseCoding { Atoms = 32 }.Fit(unlabeled.Inputs);
        using var model = new AdaptationBuilder().Frozen(atoms).Learn(new LogisticRegression()).Fit(fewLabeled, target);
        Reads(model);
    }

    [Fact]
    public void ConvolutionalSparseCoding()
    {
        using var filters = new ConvolutionalSparseCoding(channels: 1, height: 8, width: 8, sizes: [3, 5])
        {
            Filters = 8,
        }.Fit(unlabeledImages.Inputs);
        using var model = new AdaptationBuilder()
            .Frozen(filters)
            .Learn(new LogisticRegression())
            .Fit(fewImages, otherImages);
        Reads(model, Digits(200, 300));
    }

    [Fact]
    public void AutoencoderFeatures()
    {
        using var layer = new AutoencoderFeatures { Components = 8 }.Fit(unlabeled.Inputs);
        using var model = new AdaptationBuilder().Frozen(layer).Learn(new LogisticRegression()).Fit(fewLabeled, target);
        Reads(model);
    }

    public void Dispose()
    {
        extractor.Dispose();
        imageExtractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
    }

    private static LabeledDomain Digits(long first, long count) =>
        new(
            SmallDigits.Target.Inputs.narrow(0, first, count).view(-1, 1, 8, 8),
            SmallDigits.Target.Labels.narrow(0, first, count),
            space: SmallDigits.Target.Space
        );

    private void Reads(AdaptedModel model, LabeledDomain? of = null)
    {
        of ??= labeledTarget;
        using var classes = model.PredictClasses(of.Inputs);
        var accuracy = Evaluation.AccuracyInterval.Of(classes, of.Labels);
        Assert.True(accuracy.Value >= 0.7, $"the example reads {accuracy} of the target");
    }
}
