using TransferLearning.Augmentation;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the pages on augmentation, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class AugmentationExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain source = Toy.Source();
    private readonly LabeledDomain labeledTarget = Toy.LabeledTarget();
    private readonly LabeledDomain imageSource = Bars(256, 3, 1);
    private readonly LabeledDomain labeledImages = Bars(96, 4, 0.85);
    private readonly ModulePart extractor;
    private readonly ModulePart imageExtractor;
    private readonly ModulePart predictor;

    public AugmentationExamples()
    {
        Toy.SeedModules(5);
        (extractor, predictor, imageExtractor) = (Toy.Extractor(), Toy.Predictor(), Toy.ImageExtractor());
    }

    private UnlabeledDomain target => labeledTarget.WithoutLabels();

    private UnlabeledDomain imageTarget => labeledImages.WithoutLabels();

    [Fact]
    public void LearnedViews()
    {
        using var view = new LearnedShift(features: 4, bound: 1);
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy()).OpposeByView(view).RequireConsistencyUnderView(view, weight: 0.1)
            )
            .Fit(source, target);
        Assert.True(model.Predict(target.Inputs).isfinite().all().item<bool>());
    }

    [Fact]
    public void ImageOperations()
    {
        var weak = Recipes.WeakImageAugmentation(flips: 0.5, padding: 1);
        var jitter = new AugmentationSequence(
            weak,
            new Brightness { Least = 0.6, Most = 1.4 },
            new Sometimes(new GaussianBlur())
        );
        using var model = new AdaptationBuilder()
            .Train(imageExtractor, predictor, net => net.Minimize(new CrossEntropy()).Augment(jitter))
            .Fit(imageSource, imageTarget);
        Reads(model, labeledImages);
    }

    [Fact]
    public void RandAugment()
    {
        var strong = Recipes.StrongImageAugmentation(flips: 0, padding: 1);
        var weak = Recipes.WeakImageAugmentation(flips: 0, padding: 1);
        using var model = Recipes.FixMatch(imageExtractor, predictor, strong, weak).Fit(imageSource, imageTarget);
        Reads(model, labeledImages);
    }

    [Fact]
    public void TrivialAugment()
    {
        using var model = Recipes.TrivialAugment(imageExtractor, predictor).Fit(imageSource, imageTarget);
        Reads(model, labeledImages);
    }

    [Fact]
    public void AugMix()
    {
        using var model = new AdaptationBuilder()
            .Train(
                imageExtractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new AugMixConsistency(new AugMix()), weight: 12)
            )
            .Fit(imageSource, imageTarget);
        Reads(model, labeledImages);
    }

    [Fact]
    public void Cutout()
    {
        using var model = new AdaptationBuilder()
            .Train(
                imageExtractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Augment(new Cutout { Length = 3 })
            )
            .Fit(imageSource, imageTarget);
        Reads(model, labeledImages);
    }

    [Fact]
    public void FourierDomainAdaptation()
    {
        using var model = new AdaptationBuilder()
            .Train(
                imageExtractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Augment(new FourierDomainAdaptation { Share = 0.05 })
            )
            .Fit(imageSource, imageTarget);
        Reads(model, labeledImages);
    }

    [Fact]
    public void FeatureViews()
    {
        var weak = Recipes.WeakFeatureAugmentation();
        var strong = Recipes.StrongFeatureAugmentation(swapped: 0.1);
        using var model = Recipes.FixMatch(extractor, predictor, strong, weak).Fit(source, target);
        Reads(model, labeledTarget);
    }

    [Fact]
    public void ManifoldMixup()
    {
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new ManifoldMixup { Alpha = 0.5 }))
            .Fit(source, target);
        Reads(model, labeledTarget);
    }

    [Fact]
    public void InterDomainMixup()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new InterDomainMixup(), Schedule.Linear(0, 1))
            )
            .Fit(source, target);
        Reads(model, labeledTarget);
    }

    [Fact]
    public void SmoothingBySimilarity()
    {
        var classVectors = eye(2);
        var similarities = SimilaritySmoothing.Similarities(classVectors);
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new SimilaritySmoothing(similarities)))
            .Fit(source, target);
        Reads(model, labeledTarget);
    }

    public void Dispose()
    {
        extractor.Dispose();
        imageExtractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
    }

    /// <summary>A lying or a standing bar in the middle, brighter or darker.</summary>
    private static LabeledDomain Bars(long rows, long seed, double light)
    {
        using var generator = new RandomKey(seed).Generator();
        var labels = arange(rows, dtype: int64).remainder(2);
        var lying = arange(8).sub(3).abs().le(1).to(float32).view(1, 8, 1).expand(rows, 8, 8);
        var bars = where(labels.view(-1, 1, 1).eq(0), lying, lying.mT);
        var noise = rand([rows, 8, 8], generator: generator);
        return new LabeledDomain((((bars * 0.5) + (noise * 0.5)) * light).unsqueeze(1), labels);
    }

    private static void Reads(AdaptedModel model, LabeledDomain of)
    {
        using var classes = model.PredictClasses(of.Inputs);
        var accuracy = Evaluation.AccuracyInterval.Of(classes, of.Labels);
        Assert.True(accuracy.Value >= 0.7, $"the example reads {accuracy} of the target");
    }
}
