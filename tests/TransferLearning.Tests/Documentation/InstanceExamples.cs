using TransferLearning.Adversarial;
using TransferLearning.Instance;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the instance methods' pages, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class InstanceExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain source = Toy.Source();
    private readonly LabeledDomain fewLabeled = Toy.LabeledTarget(rows: 8, seed: 9);
    private readonly LabeledDomain secondSource = Toy.Source(seed: 7);
    private readonly LabeledDomain labeledTarget = Toy.LabeledTarget();
    private readonly LabeledDomain valueSource = Values(Toy.Source(rows: 200));
    private readonly LabeledDomain fewValues = Values(Toy.LabeledTarget(rows: 20, seed: 9));
    private readonly LabeledDomain labeledValues = Values(Toy.LabeledTarget());

    private UnlabeledDomain target => labeledTarget.WithoutLabels();

    private UnlabeledDomain valueTarget => labeledValues.WithoutLabels();

    [Fact]
    public void KullbackLeiblerImportanceEstimation()
    {
        using var model = new AdaptationBuilder()
            .Weight(new KullbackLeiblerImportanceEstimation())
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void LeastSquaresImportanceFitting()
    {
        using var model = new AdaptationBuilder()
            .Weight(new LeastSquaresImportanceFitting { RelativeShare = 0.1 })
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ProgressiveReplacement()
    {
        using var model = new AdaptationBuilder()
            .Add(new ProgressiveReplacement(new LogisticRegression()))
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void LinearDiscrepancyMinimization()
    {
        using var model = new AdaptationBuilder()
            .Weight(new LinearDiscrepancyMinimization())
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void KernelDensityWeighting()
    {
        using var model = new AdaptationBuilder()
            .Weight(new KernelDensityWeighting { Bandwidth = 1 })
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void GaussianDensityWeighting()
    {
        using var model = new AdaptationBuilder()
            .Weight(new GaussianDensityWeighting { Ridge = 0.1 }.Clipped(10))
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void NearestNeighborWeighting()
    {
        using var model = new AdaptationBuilder()
            .Weight(new NearestNeighborWeighting())
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ClassifierWeighting()
    {
        using var model = new AdaptationBuilder()
            .Weight(new ClassifierWeighting())
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ExampleTransfer()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var critic = Toy.Critic();
        using var auxiliary = Toy.Predictor();
        var weights = new CriticWeighting(new LeakyCritic(auxiliary)) { IsBounded = true };
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                {
                    net.Main.Move(auxiliary);
                    net.Minimize(new CrossEntropy { Weights = weights })
                        .Oppose(critic, weights: weights)
                        .Minimize(new EntropyMinimization(), weight: 0.2)
                        .Minimize(new ExampleTransfer(auxiliary));
                }
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void BoundedCriticWeighting()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var first = Toy.Critic();
        using var second = Toy.Critic();
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net =>
                    net.Before(phase => phase.Move(first).Minimize(new DomainAdversary(first)))
                        .Minimize(new CrossEntropy())
                        .Oppose(second, weights: new CriticWeighting(first) { IsBounded = true })
                        .Minimize(new EntropyMinimization(), weight: 0.1)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void TargetClassWeights()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var critic = Toy.Critic();
        var weights = new TargetClassWeights();
        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy { Weights = weights }).Oppose(critic, weights: weights)
            )
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void BalancedWeighting()
    {
        using var model = new AdaptationBuilder()
            .Add(new BalancedWeighting { TargetShare = 0.5 })
            .Learn(new LogisticRegression())
            .FitFewShot(source, target, fewLabeled);
        Reads(model);
    }

    [Fact]
    public void BlackBoxShiftEstimation()
    {
        using var model = new AdaptationBuilder()
            .Weight(new BlackBoxShiftEstimation())
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void MaximumLikelihoodLabelShift()
    {
        using var model = new AdaptationBuilder()
            .Weight(new MaximumLikelihoodLabelShift())
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void KernelLabelShift()
    {
        using var model = new AdaptationBuilder()
            .Weight(new KernelLabelShift())
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void WeightShaping()
    {
        using var model = new AdaptationBuilder()
            .Weight(new KernelMeanMatching().Flattened(0.5).Clipped(5).SelfNormalized())
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void TrAdaBoostR2()
    {
        using var model = new AdaptationBuilder()
            .Add(new TrAdaBoostR2(new DecisionTree { MaxDepth = 3 }) { Rounds = 20 })
            .FitFewShot(valueSource, valueTarget, fewValues);
        Regresses(model);
    }

    [Fact]
    public void TwoStageTrAdaBoostR2()
    {
        using var model = new AdaptationBuilder()
            .Add(new TwoStageTrAdaBoostR2(new DecisionTree { MaxDepth = 3 }) { Steps = 6, Rounds = 5 })
            .FitFewShot(valueSource, valueTarget, fewValues);
        Regresses(model);
    }

    [Fact]
    public void MultiSourceTrAdaBoost()
    {
        using var model = new AdaptationBuilder()
            .Add(new MultiSourceTrAdaBoost(DecisionTree.Stump) { Rounds = 20 })
            .FitFewShot([source, secondSource], target, fewLabeled);
        Reads(model);
    }

    [Fact]
    public void ExpBoostR2()
    {
        using var model = new AdaptationBuilder()
            .Add(new ExpBoostR2(new DecisionTree { MaxDepth = 3 }) { Experts = 4 })
            .FitFewShot(valueSource, valueTarget, fewValues);
        Regresses(model);
    }

    [Fact]
    public void TaskTrAdaBoost()
    {
        using var model = new AdaptationBuilder()
            .Add(new TaskTrAdaBoost(DecisionTree.Stump) { Rounds = 20 })
            .FitFewShot([source, secondSource], target, fewLabeled);
        Reads(model);
    }

    [Fact]
    public void TransferBoostingByResampling()
    {
        var networks = new NetworkLearner(() => nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)))
        {
            Options = new TrainingOptions { Epochs = 5, Optimizer = parameters => optim.Adam(parameters, 0.01) },
        };
        using var model = new AdaptationBuilder()
            .Add(new TransferBoostingByResampling(networks) { Rounds = 6, DrawnShare = 0.5 })
            .FitFewShot(source, target, fewLabeled);
        Reads(model);
    }

    [Fact]
    public void MetricTransfer()
    {
        using var model = new AdaptationBuilder()
            .Add(new MetricTransfer { Neighbors = 5 })
            .FitFewShot(source, target, fewLabeled);
        Reads(model);
    }

    [Fact]
    public void BiWeighting()
    {
        using var model = new AdaptationBuilder()
            .Add(new BiWeighting { FeaturePenalty = 0.5 })
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void ImportanceWeightingNetwork()
    {
        using var model = new AdaptationBuilder()
            .Weight(new ImportanceWeightingNetwork { Steps = 200 })
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void WeightingAdversarialNetwork()
    {
        using var model = new AdaptationBuilder()
            .Add(new WeightingAdversarialNetwork { Steps = 500, LearningRate = 0.005 })
            .FitFewShot(valueSource, valueTarget, fewValues);
        Regresses(model);
    }

    public void Dispose() => scope.Dispose();

    private void Reads(AdaptedModel model)
    {
        using var classes = model.PredictClasses(labeledTarget.Inputs);
        var accuracy = Evaluation.AccuracyInterval.Of(classes, labeledTarget.Labels);
        Assert.True(accuracy.Value >= 0.7, $"the example reads {accuracy} of the target");
    }

    private void Regresses(AdaptedModel model)
    {
        using var values = model.Predict(labeledValues.Inputs);
        var error = (values - labeledValues.Labels).square().mean() / labeledValues.Labels.var();
        Assert.True(error.item<float>() < 0.5, $"{error.item<float>()} of the variance is unexplained");
    }

    // Values that bend and differ between the domains only in where the rows lie.
    private static LabeledDomain Values(LabeledDomain domain) =>
        new(domain.Inputs, domain.Inputs.select(1, 0).sin() + domain.Inputs.select(1, 1));
}
