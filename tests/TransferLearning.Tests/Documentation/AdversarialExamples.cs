#pragma warning disable TL1001 // experimental methods are tested, too
using TransferLearning.Adversarial;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the adversarial methods' pages, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class AdversarialExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Noise strongView = new(0.1);
    private readonly LabeledDomain source = Toy.Source();
    private readonly LabeledDomain fewLabeled = Toy.LabeledTarget(rows: 8, seed: 9);
    private readonly LabeledDomain labeledTarget = Toy.LabeledTarget();
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;
    private readonly ModulePart critic;
    private readonly ModulePart secondClassifier;
    private readonly ModulePart thirdClassifier;

    public AdversarialExamples()
    {
        Toy.SeedModules(5);
        (extractor, predictor, critic, secondClassifier, thirdClassifier) = (
            Toy.Extractor(),
            Toy.Predictor(),
            Toy.Critic(),
            Toy.Predictor(),
            Toy.Predictor()
        );
    }

    private UnlabeledDomain target => labeledTarget.WithoutLabels();

    [Fact]
    public void ConditionalDomainAdversary()
    {
        // 8 features times 2 classes are 16 numbers a row.
        using var conditionalCritic = new ModulePart(() =>
            nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
        );
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .OpposeConditionally(conditionalCritic, entropy: EntropyConditioning.Joint)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ClassifierDiscrepancy()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).OpposeClassifiers(secondClassifier, new SlicedWasserstein())
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void MarginDisparity()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).OpposeByMargin(secondClassifier, margin: 2)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void DomainConfusion()
    {
        using var model = Recipes
            .DomainConfusion(extractor, predictor, critic, confusion: 0.1, softLabels: 0.1)
            .FitFewShot(source, target, fewLabeled);
        Reads(model);
    }

    [Fact]
    public void EntropyAdversary()
    {
        using var entropyCritic = new ModulePart(() => nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 1)));
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).OpposeByEntropy(entropyCritic, weight: 0.1)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void DebiasedSelfTraining()
    {
        using var model = Recipes
            .Dst(extractor, predictor, secondClassifier, thirdClassifier, strongView, threshold: 0.8)
            .Fit(source, target);
        Reads(model);
    }

    public void Dispose() => scope.Dispose();

    private void Reads(AdaptedModel model)
    {
        using var classes = model.PredictClasses(labeledTarget.Inputs);
        var accuracy = Evaluation.AccuracyInterval.Of(classes, labeledTarget.Labels);
        Assert.True(accuracy.Value >= 0.7, $"the example reads {accuracy} of the target");
    }
}
