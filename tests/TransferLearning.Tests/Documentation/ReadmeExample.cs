using TransferLearning.Adversarial;
using TransferLearning.Evaluation;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The readme's example, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class ReadmeExample
{
    [Fact]
    public void Readme_Example_Runs()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        Toy.SeedModules(5);
        var path = folder.File("reader.model");
        var (sourceImages, sourceLabels) = (Toy.Images().Inputs, Toy.Images().Labels);
        var (targetImages, newTarget) = (Toy.Images(seed: 4).Inputs, Toy.Images(seed: 5));
        var newTargetImages = newTarget.Inputs;
        using var extractor = Toy.ImageExtractor();
        using var predictor = Toy.Predictor();
        using var critic = Toy.Critic();

        // csharpier-ignore-start
        var source = new LabeledDomain(sourceImages, sourceLabels); // tensors [n, ...] and int64 [n]
        var target = new UnlabeledDomain(targetImages); // no labels: they cannot leak in

        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net // any nn.Module<Tensor, Tensor>
                .Minimize(new CrossEntropy())
                .Oppose(critic, Schedule.SigmoidRamp(gamma: 10))) // DANN (Ganin 2015)
            .Fit(source, target, new FitOptions { Seed = 1 });

        using var classes = model.PredictClasses(newTargetImages);
        model.Save(path);
        // csharpier-ignore-end
        Assert.True(AccuracyInterval.Of(classes, newTarget.Labels).Value > 0.9);
        Assert.True(File.Exists(path));
    }
}
