#pragma warning disable TL1002 // experimental methods are tested, too
using TransferLearning.Adversarial;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the deep mapping methods' pages, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class DeepMappingExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain source = Toy.Source();
    private readonly LabeledDomain secondSource = Toy.Source(seed: 7);
    private readonly LabeledDomain labeledTarget = Toy.LabeledTarget();
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;
    private readonly ModulePart critic;

    public DeepMappingExamples()
    {
        Toy.SeedModules(5);
        (extractor, predictor, critic) = (Toy.Extractor(), Toy.Predictor(), Toy.Critic());
    }

    private UnlabeledDomain target => labeledTarget.WithoutLabels();

    [Fact]
    public void JointMaximumMeanDiscrepancy()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new JointMaximumMeanDiscrepancy(), weight: 0.5)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void AdversarialJointMaximumMeanDiscrepancy()
    {
        using var ofFeatures = new ModulePart(() => nn.Linear(8, 8));
        using var ofProbabilities = new ModulePart(() => nn.Linear(2, 2));
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy()).OpposeJointly(ofFeatures, ofProbabilities, Schedule.SigmoidRamp())
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ResidualTransfer()
    {
        using var residual = new ClassifierResidual(2);
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Main.Move(residual.AsPart());
                    net.Minimize(new ResidualCrossEntropy(residual.AsPart()))
                        .Minimize(new FusedAlignment(), weight: 0.3)
                        .Minimize(new EntropyMinimization(), weight: 0.3);
                }
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void LocalMaximumMeanDiscrepancy()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new LocalMaximumMeanDiscrepancy(), weight: 0.1)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void MultiRepresentationDiscrepancy()
    {
        using var branched = new ModulePart(() =>
            nn.Sequential(
                nn.Linear(4, 8),
                nn.ReLU(),
                new ParallelBranches(nn.Linear(8, 4), nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 4)))
            )
        );
        Recipes.FineTune(branched, predictor).Fit(source, target).Dispose(); // the source alone, first
        using var model = new AdaptationBuilder()
            .Train(
                branched,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new MultiRepresentationDiscrepancy(4, 4), Schedule.SigmoidRamp())
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void DynamicDistributionDiscrepancy()
    {
        var discrepancy = new DynamicDistributionDiscrepancy();
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(discrepancy, Schedule.SigmoidRamp(height: 0.1))
            )
            .Fit(source, target);
        Console.WriteLine($"the classes' share in the end: {discrepancy.PresentBalance:P0}");
        Reads(model);
    }

    [Fact]
    public void GraphSpectralAlignment()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Align(new GraphSpectralAlignment(), weight: 0.1)
                        .Minimize(new NeighborPropagation(), Schedule.Linear(0, 1))
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void LogCorrelationAlignment()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Align(new LogCorrelationAlignment(), weight: 0.1)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void AdaptiveFeatureNorm()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new AdaptiveFeatureNorm(), weight: 0.05)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void HardAdaptiveFeatureNorm()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy()).Minimize(new HardAdaptiveFeatureNorm { Radius = 10 }, weight: 0.05)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void BatchSpectralPenalization()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Oppose(critic, Schedule.SigmoidRamp(gamma: 10))
                        .Minimize(new BatchSpectralPenalization(), weight: 0.0001)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void SourceBranches()
    {
        using var firstBranch = new ModulePart(() => nn.Sequential(nn.Linear(8, 8), nn.ReLU()));
        using var secondBranch = new ModulePart(() => nn.Sequential(nn.Linear(8, 8), nn.ReLU()));
        using var firstClassifier = new ModulePart(() => nn.Linear(8, 2));
        using var secondClassifier = new ModulePart(() => nn.Linear(8, 2));
        var branches = new SourceBranches((firstBranch, firstClassifier), (secondBranch, secondClassifier));
        // The sources alone, first.
        Recipes.Mfsan(extractor, branches, 0, 0).Fit([source, secondSource], target).Dispose();
        using var model = Recipes.Mfsan(extractor, branches).Fit([source, secondSource], target);
        Reads(model);
    }

    [Fact]
    public void ContrastiveSemanticAlignment()
    {
        var fewLabeled = Toy.LabeledTarget(rows: 8, seed: 9);
        using var model = Recipes.Ccsa(extractor, predictor, share: 0.25).FitFewShot(source, target, fewLabeled);
        Reads(model);
    }

    [Fact]
    public void MomentMatching()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new MomentMatching(), weight: 0.1)
            )
            .Fit([source, secondSource], target);
        Reads(model);
    }

    [Fact]
    public void RepresentationSubspaceDistance()
    {
        var distance = new RepresentationSubspaceDistance(mismatchWeight: 0.1);
        using var gap = distance.Between(source.Inputs.narrow(0, 0, 3), target.Inputs.narrow(0, 0, 3));
        Console.WriteLine($"the batches' subspaces are {gap.item<float>():F3} apart");
        Assert.True(gap.item<float>() > 0);
    }

    [Fact]
    public void InverseGramDistance()
    {
        var distance = new InverseGramDistance
        {
            AngleWeight = 0.05,
            ScaleWeight = 0.001,
            Threshold = 0.95,
        };
        using var gap = distance.Between(source.Inputs.narrow(0, 0, 16), target.Inputs.narrow(0, 0, 16));
        Console.WriteLine($"the batches' inverse Gram matrices are {gap.item<float>():F3} apart");
        Assert.True(gap.item<float>() > 0);
    }

    [Fact]
    public void DeepJointDistributionOptimalTransport()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy()).Minimize(new DeepJointDistributionOptimalTransport(), weight: 10)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void AdaptiveBatchNormalization()
    {
        using var normalizedExtractor = Toy.Extractor(hasNormalization: true);
        using var model = new AdaptationBuilder()
            .Train(normalizedExtractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Add(new AdaptiveBatchNormalization())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ContrastiveDomainDiscrepancy()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new ContrastiveDomainDiscrepancy(), Schedule.From(0.5, 0.3))
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void DomainSpecificBatchNormalization()
    {
        using var network = new ModulePart(() =>
            nn.Sequential(nn.Linear(4, 8), new DomainSpecificBatchNormalization(8), nn.ReLU())
        );
        using var model = new AdaptationBuilder()
            .Train(
                new DomainNormalizedExtractor(network),
                predictor,
                net => net.Minimize(new CrossEntropy()).Align(new MultiKernelMaximumMeanDiscrepancy())
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void TransferableNormalization()
    {
        using var network = new ModulePart(() =>
            nn.Sequential(nn.Linear(4, 8), new TransferableNormalization(8), nn.ReLU())
        );
        using var model = new AdaptationBuilder()
            .Train(
                new DomainNormalizedExtractor(network),
                predictor,
                net => net.Minimize(new CrossEntropy()).Oppose(critic)
            )
            .Fit(source, target);
        Reads(model);
    }

    public void Dispose()
    {
        extractor.Dispose();
        predictor.Dispose();
        critic.Dispose();
        scope.Dispose();
    }

    private void Reads(AdaptedModel model)
    {
        using var classes = model.PredictClasses(labeledTarget.Inputs);
        var accuracy = Evaluation.AccuracyInterval.Of(classes, labeledTarget.Labels);
        Assert.True(accuracy.Value >= 0.7, $"the example reads {accuracy} of the target");
    }
}
