using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the pages on adaptation without source rows and during prediction, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class TestTimeExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Noise strongView = new(0.3);
    private readonly LabeledDomain source = Toy.Source();
    private readonly LabeledDomain labeledTarget = Toy.LabeledTarget();
    private readonly ModulePart extractor;
    private readonly ModulePart normalizedExtractor;
    private readonly ModulePart predictor;

    public TestTimeExamples()
    {
        Toy.SeedModules(5);
        (extractor, normalizedExtractor, predictor) = (
            Toy.Extractor(),
            Toy.Extractor(hasNormalization: true),
            Toy.Predictor()
        );
    }

    private UnlabeledDomain target => labeledTarget.WithoutLabels();

    private Tensor batch => labeledTarget.Inputs;

    [Fact]
    public void CentroidPseudoLabels()
    {
        using var trained = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy { LabelSmoothing = 0.1 }))
            .Fit(source, target);
        // Elsewhere, with the two networks and target rows alone:
        using var model = Recipes.Shot(extractor, predictor).FitSourceFree(target, LabelSpace.Classes(2));
        Reads(model.Predict(batch));
    }

    [Fact]
    public void TestTimeEntropy()
    {
        using var model = new AdaptationBuilder()
            .Train(normalizedExtractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(source, target);
        using var tent = Recipes.Tent(model);
        using var scores = tent.Predict(batch); // the model has adapted to the batch
        Reads(scores);
    }

    [Fact]
    public void MarginalEntropy()
    {
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(source, target);
        var memo = Recipes.Memo(model, strongView, views: 8);
        using var scores = memo.Predict(batch, new RandomKey(1)); // the model ends as it was
        Reads(scores);
    }

    [Fact]
    public void TestTimeNormalization()
    {
        using var model = new AdaptationBuilder()
            .Train(normalizedExtractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(source, target);
        using var scores = Recipes.TestTimeNormalization(model, prior: 16).Predict(batch);
        Reads(scores);
    }

    public void Dispose()
    {
        extractor.Dispose();
        normalizedExtractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
    }

    private void Reads(Tensor scores)
    {
        var accuracy = Evaluation.AccuracyInterval.Of(scores.argmax(1), labeledTarget.Labels);
        Assert.True(accuracy.Value >= 0.7, $"the example reads {accuracy} of the target");
    }
}
