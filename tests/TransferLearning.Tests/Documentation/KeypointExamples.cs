using TransferLearning.Adversarial;
using TransferLearning.Evaluation;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The example of the page on keypoints, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class KeypointExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void RegressiveAdversary()
    {
        Toy.SeedModules(5);
        var (source, judged) = (StickFigures.Strokes(40, 1), StickFigures.Outlines(20, 3));
        var target = StickFigures.Outlines(40, 2).WithoutLabels();
        var training = new FitOptions
        {
            Training = new TrainingOptions { Steps = 2, BatchSize = 4 },
        };
        using var extractor = new ModulePart(() => StickFigures.Extractor(4));
        using var heatmaps = new ModulePart(() => StickFigures.Head(4));
        using var adversary = new ModulePart(() => StickFigures.Head(4));
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                new KeypointPredictor(heatmaps),
                net => net.Minimize(new KeypointDivergence { Sigma = 1 }).OpposeKeypoints(adversary, sigma: 1)
            )
            .Fit(source, target, training);
        using var keypoints = model.Predict(judged.Inputs); // x and y of each, in shares of the image
        Console.WriteLine(KeypointAccuracy.Of(keypoints, judged.Labels, threshold: 0.1));
        Assert.Equal([20L, 10L], keypoints.shape);
    }

    public void Dispose() => scope.Dispose();
}
