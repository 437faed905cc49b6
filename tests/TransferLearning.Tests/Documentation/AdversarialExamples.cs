#pragma warning disable TL1001 // experimental methods are tested, too
using TransferLearning.Adversarial;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Theory;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the adversarial methods' pages, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class AdversarialExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Noise strongView = new(0.1);
    private readonly LabeledDomain source = Toy.Source();
    private readonly LabeledDomain secondSource = Toy.Source(seed: 11);
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

    private LabeledDomain images => Toy.Images(64);

    private UnlabeledDomain otherImages => Toy.Images(64, seed: 4).WithoutLabels();

    [Fact]
    public void DomainAdversary_AsFirstProposed()
    {
        using var hidden = nn.Sequential(nn.Linear(4, 8), nn.Sigmoid());
        using var logistic = nn.Linear(8, 1);
        using var model = Recipes
            .Dann(hidden.AsPart(), predictor, logistic.AsPart(), reversal: 0.1)
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void LayerAdversary_OfNamedLayers()
    {
        using var network = nn.Sequential(
            ("conv", nn.Conv2d(1, 4, 3)),
            ("relu", nn.ReLU(inplace: true)),
            ("flat", nn.Flatten()),
            ("last", nn.Linear(144, 8))
        );
        using var mapCritic = new ModulePart(() =>
            nn.Sequential(nn.Conv2d(4, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 1))
        );
        using var model = new AdaptationBuilder()
            .Train(
                new TappedExtractor(network, "conv"),
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .OpposeAtLayers([mapCritic, null], Schedule.SigmoidRamp(height: 0.3))
            )
            .Fit(images, otherImages);
        Assert.True(model.Predict(otherImages.Inputs).isfinite().all().item<bool>());
    }

    [Fact]
    public void SemanticTransfer()
    {
        using var network = nn.Sequential(
            ("lower", nn.Sequential(nn.Linear(4, 8), nn.ReLU())),
            ("upper", nn.Sequential(nn.Linear(8, 8), nn.ReLU()))
        );
        using var lowerCritic = critic.Replica();
        using var model = Recipes
            .SemanticTransfer(
                new TappedExtractor(network, "lower"),
                predictor,
                [lowerCritic, critic],
                weight: Schedule.From(0.3, 0.1),
                temperature: 2
            )
            .FitFewShot(source, target, fewLabeled);
        Reads(model);
    }

    [Fact]
    public void SpectralNormalization_OfACritic()
    {
        using var bounded = SpectralNormalization.Critic([8, 16]);
        using var model = Recipes.Dann(extractor, predictor, bounded, criterion: CriticLoss.Hinge).Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void MultiDomainAdversary()
    {
        var (firstPerson, secondPerson) = (Series.Person(96, 1, 0.9, 1.2, 0), Series.Person(96, 2, 1.05, 0.9, 0.2));
        var thirdPerson = Series.Person(96, 3, 1.2, 0.8, 0.4).WithoutLabels();
        var options = new FitOptions
        {
            Training = new TrainingOptions { Steps = 3, BatchSize = 16 },
        };
        using var series = SeriesNetworks.Extractor(channels: 2, width: 16);
        using var activities = new ModulePart(() => nn.Linear(16, 3));
        using var wearers = SeriesNetworks.Critic(16, sources: 2, width: 32);
        using var model = new AdaptationBuilder()
            .Train(
                series,
                activities,
                net =>
                    net.Minimize(new CrossEntropy())
                        .OpposeEveryDomain(wearers)
                        .Minimize(new KnownShares([1.0 / 3, 1.0 / 3, 1.0 / 3]))
            )
            .Fit([firstPerson, secondPerson], thirdPerson, options);
        Assert.True(model.Predict(thirdPerson.Inputs).isfinite().all().item<bool>());
    }

    [Fact]
    public void ConditionalDomainAdversary_OfSeveralLayers()
    {
        using var lower = new ModulePart(() => nn.Sequential(nn.Linear(4, 8), nn.ReLU()));
        using var upper = new ModulePart(() => nn.Sequential(nn.Linear(8, 8), nn.ReLU()));
        using var map = new RandomizedMultilinearMap(features: [8, 8], classes: 2, outputs: 64);
        using var conditionalCritic = new ModulePart(() =>
            nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 1))
        );
        using var model = Recipes
            .Cdan(ExtractorChain.Of(lower, upper), predictor, conditionalCritic, map)
            .Fit(source, target);
        Reads(model);
    }

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

    [Fact]
    public void VirtualAdversarialAdaptation()
    {
        using var model = Recipes.Vada(extractor, predictor, critic, epsilon: 0.5, source: 0.1).Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void OpposeInTurns()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).OpposeInTurns(critic, weight: 0.1, CriticLoss.LeastSquares)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void BoundaryRefinement()
    {
        using var teacherExtractor = extractor.Replica();
        using var teacherPredictor = predictor.Replica();
        var teacher = new BoundaryRefinement(teacherExtractor, teacherPredictor) { Interval = 20 };
        using var model = Recipes
            .DirtT(extractor, predictor, critic, teacher, epsilon: 0.5, source: 0.1)
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void MinimaxEntropy()
    {
        using var prototypes = new ModulePart(() => new CosineClassifier(8, 2));
        using var model = new AdaptationBuilder()
            .Train(extractor, prototypes, net => net.Minimize(new CrossEntropy()).OpposeOverEntropy(weight: 0.1))
            .FitFewShot(source, target, fewLabeled);
        Reads(model);
    }

    [Fact]
    public void NuclearWassersteinDiscrepancy()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new NuclearWassersteinDiscrepancy())
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void AdaptiveClustering()
    {
        using var prototypes = new ModulePart(() => new CosineClassifier(8, 2));
        using var model = Recipes.Cdac(extractor, prototypes, strongView).FitFewShot(source, target, fewLabeled);
        Reads(model);
    }

    [Fact]
    public void DynamicAdversary()
    {
        using var ofFirst = critic.Replica();
        using var ofSecond = critic.Replica();
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).OpposeDynamically(critic, [ofFirst, ofSecond])
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void VanishingBridge()
    {
        using var classifier = new Bridged(8, 2);
        using var bridgedCritic = new Bridged(16, 1, trunk: nn.Sequential(nn.Linear(2, 16), nn.ReLU()));
        using var model = Recipes.Gvb(extractor, classifier, bridgedCritic).Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void SymmetricClassifiers()
    {
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.OpposeSymmetrically(secondClassifier))
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void StochasticClassifiers()
    {
        using var stochastic = new ModulePart(() => new StochasticClassifier(8, 2));
        using var model = new AdaptationBuilder()
            .Train(extractor, stochastic, net => net.OpposeDraws(weight: 0.1, draws: 3))
            .Fit(
                source,
                target,
                new FitOptions { Training = new TrainingOptions { Optimizer = p => optim.Adam(p, 0.01) } }
            );
        Reads(model);
    }

    [Fact]
    public void MultipleSourceAdversary()
    {
        using var secondCritic = critic.Replica();
        using var model = Recipes
            .Mdan(extractor, predictor, [critic, secondCritic], SourceCombination.Hard, criticFactor: 0.1)
            .Fit([source, secondSource], target);
        Reads(model);
    }

    [Fact]
    public void SelectiveAdversary()
    {
        using var secondCritic = critic.Replica();
        using var model = Recipes
            .San(extractor, predictor, [critic, secondCritic], weight: 0.1) // a critic for each of two classes
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void LayerAdversary()
    {
        using var lower = new ModulePart(() => nn.Sequential(nn.Linear(4, 8), nn.ReLU()));
        using var upper = new ModulePart(() => nn.Sequential(nn.Linear(8, 8), nn.ReLU()));
        using var lowerCritic = critic.Replica();
        using var model = new AdaptationBuilder()
            .Train(
                ExtractorChain.Of(lower, upper),
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .OpposeAtLayers([lowerCritic, critic], Schedule.SigmoidRamp(height: 0.3))
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void AdversarialDiagnosis()
    {
        var weight = Schedule.SigmoidRamp(height: 0.3);
        var diagnosis = new AdversarialDiagnosis(critic, weight);
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Oppose(critic, weight))
            .Fit(source, target, new FitOptions { Observers = [diagnosis] });
        Console.WriteLine(diagnosis.Report());
        Reads(model);
        Assert.Equal(10, diagnosis.Epochs.Count);
    }

    public void Dispose() => scope.Dispose();

    private void Reads(AdaptedModel model)
    {
        using var classes = model.PredictClasses(labeledTarget.Inputs);
        var accuracy = Evaluation.AccuracyInterval.Of(classes, labeledTarget.Labels);
        Assert.True(accuracy.Value >= 0.7, $"the example reads {accuracy} of the target");
    }
}
