using TransferLearning.Adversarial;
using TransferLearning.Augmentation;
using TransferLearning.Consistency;
using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Theory;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>
/// The examples of the documentation, verbatim: <see cref="DocumentationTests"/> looks them up here, and here they run.
/// </summary>
[Trait("Category", "Documentation")]
public sealed class MethodExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain source = Toy.Source();
    private readonly LabeledDomain fewLabeled = Toy.LabeledTarget(rows: 8, seed: 9);
    private readonly LabeledDomain labeledTarget = Toy.LabeledTarget();
    private readonly LabeledDomain imageSource = Toy.Images();
    private readonly ModulePart extractor;
    private readonly ModulePart imageExtractor;
    private readonly ModulePart predictor;
    private readonly ModulePart critic;
    private readonly Noise strongView = new(0.1);

    public MethodExamples()
    {
        Toy.SeedModules(5);
        (extractor, predictor, critic, imageExtractor) = (
            Toy.Extractor(),
            Toy.Predictor(),
            Toy.Critic(),
            Toy.ImageExtractor()
        );
    }

    private UnlabeledDomain target => labeledTarget.WithoutLabels();

    private UnlabeledDomain imageTarget => Toy.Images(seed: 4).WithoutLabels();

    [Fact]
    public void KernelMeanMatching()
    {
        using var model = new AdaptationBuilder()
            .Weight(new KernelMeanMatching { Bound = 10 })
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void TrAdaBoost()
    {
        using var model = new AdaptationBuilder()
            .Add(new TrAdaBoost(new LogisticRegression()) { Rounds = 20 })
            .FitFewShot(source, target, fewLabeled);
        Reads(model);
    }

    [Fact]
    public void CorrelationAlignment()
    {
        using var model = new AdaptationBuilder()
            .Map(new CorrelationAlignment())
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void DeepCorrelationAlignment()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Align(new DeepCorrelationAlignment(), weight: 1)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void TransferComponentAnalysis()
    {
        using var model = new AdaptationBuilder()
            .Map(new TransferComponentAnalysis { Components = 8 })
            .Learn(new NearestNeighbor())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void MaximumMeanDiscrepancy()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Align(new MultiKernelMaximumMeanDiscrepancy(), weight: 0.5)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void DomainAdversary()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Oppose(critic, Schedule.SigmoidRamp(gamma: 10))
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void WassersteinGuidance()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).GuideByWasserstein(critic, weight: 0.1, criticSteps: 3)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void AdversarialDiscriminativeAdaptation()
    {
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Add(
                new AdversarialDiscriminativeAdaptation(critic)
                {
                    Options = new TrainingOptions { Epochs = 2, Optimizer = p => optim.Adam(p, 1e-4) },
                }
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void FineTuning()
    {
        using var model = Recipes
            .FineTune(extractor, predictor, FreezingPlan.None.FreezeFirst(1).UnfreezeGradually(1).SlowDown(1 / 2.6))
            .Fit(source, target);
        Reads(model, least: 0.4);
    }

    [Fact]
    public void StartingPointPenalty()
    {
        using var penalty = new StartingPointPenalty(extractor) { Strength = 0.01 };
        using var model = Recipes.FineTune(extractor, predictor, penalty: penalty).Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ProgressiveNetwork()
    {
        var first = new ProgressiveColumn([
            new ProgressiveLayer(nn.Linear(4, 8), nn.ReLU()),
            new ProgressiveLayer(nn.Linear(8, 8), nn.ReLU()),
        ]);
        var second = new ProgressiveColumn(
            [
                new ProgressiveLayer(nn.Linear(4, 8), nn.ReLU()),
                new ProgressiveLayer(nn.Linear(8, 8), nn.ReLU(), LateralAdapter.Dense(8, 4, 8)),
            ],
            first
        );
        using var model = new AdaptationBuilder()
            .Train(second.AsPart(), predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void Mixup()
    {
        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Augment(new Mixup { Alpha = 0.2 }))
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void CutMix()
    {
        using var model = new AdaptationBuilder()
            .Train(imageExtractor, predictor, net => net.Minimize(new CrossEntropy()).Augment(new CutMix { Alpha = 1 }))
            .Fit(imageSource, imageTarget);
        using var scores = model.Predict(imageSource.Inputs);
        Assert.Equal([256L, 2L], scores.shape);
    }

    [Fact]
    public void UnsupervisedDataAugmentation()
    {
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new AnnealedCrossEntropy()).RequireConsistency(strongView, from: 0.2)
            )
            .Fit(source, target);
        Reads(model, least: 0.4); // annealing to 1/C at the start leaves a two-class toy little to learn from
    }

    [Fact]
    public void MeanTeacher()
    {
        using var teacherExtractor = extractor.Replica();
        using var teacherPredictor = predictor.Replica();
        var teacher = new MeanTeacher(teacherExtractor, teacherPredictor) { StudentView = strongView };
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(teacher, Schedule.GaussianRamp(0.5))
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ProxyADistance()
    {
        var distance = new ProxyADistance().Between(source.Inputs, target.Inputs);
        Assert.InRange(distance, 0, 2);

        var byMachines = new ProxyADistance
        {
            Learners = [new SupportVectorMachine(), new SupportVectorMachine { Kernel = new LinearKernel() }],
        };
        Assert.InRange(byMachines.Between(source.Inputs, target.Inputs), 0, 2);
    }

    public void Dispose()
    {
        extractor.Dispose();
        imageExtractor.Dispose();
        predictor.Dispose();
        critic.Dispose();
        scope.Dispose();
    }

    private void Reads(AdaptedModel model, double least = 0.7)
    {
        using var classes = model.PredictClasses(labeledTarget.Inputs);
        var accuracy = Evaluation.AccuracyInterval.Of(classes, labeledTarget.Labels);
        Assert.True(accuracy.Value >= least, $"the example reads {accuracy} of the target");
    }
}
