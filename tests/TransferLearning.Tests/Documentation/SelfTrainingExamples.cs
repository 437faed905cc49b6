using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the self-training methods' pages, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class SelfTrainingExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly IAugmentation strongView = new Shaken();
    private readonly LabeledDomain source = Toy.Source();
    private readonly LabeledDomain secondSource = Toy.Source(seed: 7);
    private readonly LabeledDomain labeledTarget = Toy.LabeledTarget();
    private readonly nn.Module<Tensor, Tensor> first;
    private readonly nn.Module<Tensor, Tensor> second;
    private readonly nn.Module<Tensor, Tensor> firstHead;
    private readonly nn.Module<Tensor, Tensor> secondHead;
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;

    public SelfTrainingExamples()
    {
        Toy.SeedModules(5);
        (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
        Toy.SeedModules(3); // with which both networks read the target
        (first, second) = (nn.Sequential(nn.Linear(4, 8), nn.ReLU()), nn.Sequential(nn.Linear(4, 8), nn.ReLU()));
        (firstHead, secondHead) = (nn.Linear(8, 2), nn.Linear(8, 2));
    }

    private UnlabeledDomain target => labeledTarget.WithoutLabels();

    [Fact]
    public void LocalStructureClustering()
    {
        var options = new FitOptions
        {
            Training = new TrainingOptions { Steps = 5, BatchSize = 32 },
        };
        var ofSource = new DomainAttention(8);
        var ofTarget = new DomainAttention(8);
        using var trained = Recipes
            .GSfdaSource(extractor, predictor, ofSource, ofTarget)
            .FitWithoutTarget([source], options);
        // Elsewhere, with the networks and target rows alone:
        using var model = Recipes
            .GSfda(extractor, predictor, ofSource, ofTarget)
            .FitSourceFree(target, trained.Space!.Value, options);
        using var ofTheSource = model.Predict(source.Inputs, DomainId.Source(0));
        Assert.True(ofTheSource.isfinite().all().item<bool>());
    }

    [Fact]
    public void NeighborhoodReciprocity()
    {
        using var trained = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .FitWithoutTarget([source]);
        // Elsewhere, with the two networks and target rows alone:
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new NeighborhoodReciprocity { Neighbors = 5 }))
            .FitSourceFree(target, trained.Space!.Value);
        Reads(model);
    }

    [Fact]
    public void SourceMixture()
    {
        foreach (var (network, head, rows) in new[] { (first, firstHead, source), (second, secondHead, secondSource) })
        {
            new AdaptationBuilder()
                .Train(network.AsPart(), head.AsPart(), net => net.Minimize(new CrossEntropy { LabelSmoothing = 0.1 }))
                .FitWithoutTarget([rows])
                .Dispose();
        }
        // Elsewhere, with the networks and target rows alone:
        using var networks = new ParallelBranches(first, second);
        using var mixture = new SourceMixture(firstHead, secondHead);
        using var model = Recipes.Decision(networks, mixture).FitSourceFree(target, source.Space);
        using var shares = mixture.Shares(); // how much each source model counts
        Reads(model);
    }

    [Fact]
    public void EntropyMinimization()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new EntropyMinimization(), weight: 0.1)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void InformationMaximization()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new InformationMaximization(), weight: 0.3)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void MinimumClassConfusion()
    {
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Minimize(new MinimumClassConfusion()))
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void BatchNuclearNorm()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(new BatchNuclearNorm(), weight: 0.5)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void CycleSelfTraining()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new CycleSelfTraining(), weight: 0.5)
                        .Minimize(new TsallisEntropy(), weight: 0.08)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void PseudoLabels()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new PseudoLabels { Threshold = 0.9 }, Schedule.From(0.5, 1))
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ClassConfusionConsistency()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new ClassConfusionConsistency(strongView) { Threshold = 0.5 })
            )
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

    private sealed class Shaken : IAugmentation
    {
        public Tensor Apply(Tensor inputs, RandomKey key)
        {
            using var generator = key.Generator();
            return inputs + (randn(inputs.shape, dtype: inputs.dtype, generator: generator) * 0.1);
        }
    }
}
