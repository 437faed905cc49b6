using TransferLearning.Adversarial;
using TransferLearning.Instance;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the instance methods' pages, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class InstanceExamples : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabelledDomain source = Toy.Source();
    private readonly LabelledDomain fewLabelled = Toy.LabelledTarget(rows: 8, seed: 9);
    private readonly LabelledDomain secondSource = Toy.Source(seed: 7);
    private readonly LabelledDomain labelledTarget = Toy.LabelledTarget();
    private readonly LabelledDomain valueSource = Values(Toy.Source(rows: 200));
    private readonly LabelledDomain fewValues = Values(Toy.LabelledTarget(rows: 20, seed: 9));
    private readonly LabelledDomain labelledValues = Values(Toy.LabelledTarget());

    private UnlabelledDomain target => labelledTarget.WithoutLabels();

    private UnlabelledDomain valueTarget => labelledValues.WithoutLabels();

    [Fact]
    public void KullbackLeiblerImportance()
    {
        using var model = new AdaptationBuilder()
            .Weight(new KullbackLeiblerImportance())
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void LeastSquaresImportance()
    {
        using var model = new AdaptationBuilder()
            .Weight(new LeastSquaresImportance { RelativeShare = 0.1 })
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
    public void DiscrepancyMinimization()
    {
        using var model = new AdaptationBuilder()
            .Weight(new DiscrepancyMinimization())
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
    public void NearestNeighbourWeighting()
    {
        using var model = new AdaptationBuilder()
            .Weight(new NearestNeighbourWeighting())
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
            .FitFewShot(source, target, fewLabelled);
        Reads(model);
    }

    [Fact]
    public void BlackBoxShift()
    {
        using var model = new AdaptationBuilder()
            .Weight(new BlackBoxShift())
            .Learn(new LogisticRegression())
            .Fit(source, target);
        Reads(model);
    }

    [Fact]
    public void PriorMaximization()
    {
        using var model = new AdaptationBuilder()
            .Weight(new PriorMaximization())
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
    public void TransferBoostingRegression()
    {
        using var model = new AdaptationBuilder()
            .Add(new TransferBoostingRegression(new DecisionTree { MostDepth = 3 }) { Rounds = 20 })
            .FitFewShot(valueSource, valueTarget, fewValues);
        Regresses(model);
    }

    [Fact]
    public void TwoStageTransferBoosting()
    {
        using var model = new AdaptationBuilder()
            .Add(new TwoStageTransferBoosting(new DecisionTree { MostDepth = 3 }) { Steps = 6, Rounds = 5 })
            .FitFewShot(valueSource, valueTarget, fewValues);
        Regresses(model);
    }

    [Fact]
    public void MultiSourceTransferBoosting()
    {
        using var model = new AdaptationBuilder()
            .Add(new MultiSourceTransferBoosting(DecisionTree.Stump) { Rounds = 20 })
            .FitFewShot([source, secondSource], target, fewLabelled);
        Reads(model);
    }

    [Fact]
    public void ExpertBoostingRegression()
    {
        using var model = new AdaptationBuilder()
            .Add(new ExpertBoostingRegression(new DecisionTree { MostDepth = 3 }) { Experts = 4 })
            .FitFewShot(valueSource, valueTarget, fewValues);
        Regresses(model);
    }

    [Fact]
    public void TaskTransferBoosting()
    {
        using var model = new AdaptationBuilder()
            .Add(new TaskTransferBoosting(DecisionTree.Stump) { Rounds = 20 })
            .FitFewShot([source, secondSource], target, fewLabelled);
        Reads(model);
    }

    [Fact]
    public void TransferResampling()
    {
        var networks = new NetworkLearner(() => nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)))
        {
            Options = new TrainingOptions { Epochs = 5, Optimizer = parameters => optim.Adam(parameters, 0.01) },
        };
        using var model = new AdaptationBuilder()
            .Add(new TransferResampling(networks) { Rounds = 6, DrawnShare = 0.5 })
            .FitFewShot(source, target, fewLabelled);
        Reads(model);
    }

    [Fact]
    public void MetricTransfer()
    {
        using var model = new AdaptationBuilder()
            .Add(new MetricTransfer { Neighbours = 5 })
            .FitFewShot(source, target, fewLabelled);
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
    public void AdversarialWeighting()
    {
        using var model = new AdaptationBuilder()
            .Add(new AdversarialWeighting { Steps = 500, LearningRate = 0.005 })
            .FitFewShot(valueSource, valueTarget, fewValues);
        Regresses(model);
    }

    public void Dispose() => scope.Dispose();

    private void Reads(AdaptedModel model)
    {
        using var classes = model.PredictClasses(labelledTarget.Inputs);
        var accuracy = Evaluation.AccuracyInterval.Of(classes, labelledTarget.Labels);
        Assert.True(accuracy.Value >= 0.7, $"the example reads {accuracy} of the target");
    }

    private void Regresses(AdaptedModel model)
    {
        using var values = model.Predict(labelledValues.Inputs);
        var error = (values.squeeze(1) - labelledValues.Labels).square().mean() / labelledValues.Labels.var();
        Assert.True(error.item<float>() < 0.5, $"{error.item<float>()} of the variance is unexplained");
    }

    // Values that bend and differ between the domains only in where the rows lie.
    private static LabelledDomain Values(LabelledDomain domain) =>
        new(domain.Inputs, domain.Inputs.select(1, 0).sin() + domain.Inputs.select(1, 1));
}
