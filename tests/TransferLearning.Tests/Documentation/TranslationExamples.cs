using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the pages on translated images, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class TranslationExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain imageSource = Toy.Images();
    private readonly UnlabeledDomain imageTarget = Toy.Images(seed: 4).WithoutLabels();
    private readonly ModulePart imageExtractor;
    private readonly ModulePart predictor;
    private readonly ModulePart critic;

    public TranslationExamples()
    {
        Toy.SeedModules(5);
        (imageExtractor, predictor, critic) = (Toy.ImageExtractor(), Toy.Predictor(), Toy.Critic());
    }

    [Fact]
    public void ImageTranslation()
    {
        using var networks = new TranslationNetworks(
            channels: 1,
            width: 8,
            blocks: 1,
            criticLayers: 1,
            black: 0,
            white: 2
        );
        using var model = new AdaptationBuilder()
            .Add(
                new ImageTranslation(networks)
                {
                    Cycle = 5,
                    Options = new TrainingOptions { Steps = 10, BatchSize = 16 },
                }
            )
            .Train(imageExtractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(imageSource, imageTarget);
        using var translated = networks.ToTarget.Extract(imageSource.Inputs);
        Reads(model);
        Assert.Equal(imageSource.Inputs.shape, translated.shape);
    }

    [Fact]
    public void SemanticConsistency()
    {
        using var networks = new TranslationNetworks(
            channels: 1,
            width: 8,
            blocks: 1,
            criticLayers: 1,
            black: 0,
            white: 2
        );
        using var model = new AdaptationBuilder()
            .Train(imageExtractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Add(
                new ImageTranslation(networks)
                {
                    Semantics = new SemanticConsistency(),
                    Options = new TrainingOptions { Steps = 10, BatchSize = 16 },
                }
            )
            .Train(imageExtractor, predictor, net => net.Minimize(new CrossEntropy()).Oppose(critic))
            .Fit(imageSource, imageTarget);
        Reads(model);
    }

    [Fact]
    public void ImageRefinement()
    {
        using var refiner = new ResidualGenerator(channels: 1, width: 8, blocks: 2, halvings: 0, black: 0, white: 2);
        using var patchCritic = new PatchCritic(channels: 1, width: 8, layers: 1);
        using var model = new AdaptationBuilder()
            .Add(
                new ImageRefinement(refiner.AsPart(), patchCritic.AsPart())
                {
                    SelfRegularization = 0.5,
                    Options = new TrainingOptions { Steps = 10, BatchSize = 16 },
                }
            )
            .Train(imageExtractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(imageSource, imageTarget);
        Reads(model);
    }

    public void Dispose()
    {
        imageExtractor.Dispose();
        predictor.Dispose();
        critic.Dispose();
        scope.Dispose();
    }

    // After so few steps of translation nothing is promised but scores.
    private void Reads(AdaptedModel model)
    {
        using var scores = model.Predict(imageTarget.Inputs);
        Assert.Equal([256L, 2L], scores.shape);
        Assert.True(scores.isfinite().all().item<bool>());
    }
}
