using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>What a stage leaves must be numbers; an error says whose they are not, and what to change.</summary>
public sealed class FiniteResultsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain source = Toy.Source(rows: 32);
    private readonly UnlabeledDomain target = Toy.LabeledTarget(rows: 32).WithoutLabels();

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(0)]
    public void Weights_ThatAreNoWeights_NameTheStageAndTheMethod(double value) =>
        Names(
            "stage 1 of 2 (Constant)",
            "weights0",
            new AdaptationBuilder().Weight(new Constant(value)).Learn(new NearestNeighbor())
        );

    // Divided by their mean, weights that are all negative would be as good as any.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Weights_ThatAreNegative_NameTheMethod(bool isShaped)
    {
        IInstanceWeighting weighting = new Constant(-2);
        var chain = new AdaptationBuilder()
            .Weight(isShaped ? weighting.SelfNormalized() : weighting)
            .Learn(new NearestNeighbor());

        var fault = Assert.Throws<InvalidOperationException>(() => chain.Fit(source, target));

        Assert.Contains(
            "Constant gave 32 negative weights of 32, the least -2:",
            fault.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Map_WithNaN_NamesTheStageAndThePart() =>
        Names(
            "stage 1 of 2 (Broken)",
            "map's matrix",
            new AdaptationBuilder().Map(new Broken()).Learn(new NearestNeighbor())
        );

    [Fact]
    public void Map_WithNaN_IsDisposedWithTheRun()
    {
        var broken = new Broken();

        Assert.Throws<NotFiniteNumberException>(() =>
            new AdaptationBuilder().Map(broken).Learn(new NearestNeighbor()).Fit(source, target)
        );

        Assert.Throws<ObjectDisposedException>(() => broken.Map!.Extract(target.Inputs));
    }

    [Fact]
    public void Predictor_WithNaNInsideAnother_NamesTheStageAndThePart() =>
        Names("stage 1 of 1 (Broken)", "predictor's weight", new AdaptationBuilder().Learn(new Broken()));

    [Fact]
    public void Network_WhoseLastStepLosesItsParameters_NamesThem()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var chain = new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new SteepAtZero()).With(new TrainingOptions { Steps = 1, BatchSize = 32 })
        );

        Names("stage 1 of 1 (NetworkTraining)", "learning rate", chain);
    }

    [Fact]
    public void Tensor_OfANegativeSum_IsAResultAsAnyOther()
    {
        using var model = new AdaptationBuilder().Add(new Lowered()).Learn(new NearestNeighbor()).Fit(source, target);

        Assert.True(model.Features(target.Inputs).allclose(target.Inputs - 1, 0, 0));
    }

    [Fact]
    public void Plan_WeightsBeforeADiscrepancyThatCannotWeigh_IsRefusedBeforeAnythingIsComputed()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var chain = new AdaptationBuilder()
            .Weight(new KernelMeanMatching())
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Align(new GraphSpectralAlignment()));

        var fault = Assert.Throws<InvalidAdaptationException>(() => chain.Fit(source, target));

        Assert.Contains("cannot weigh the source's rows", Assert.Single(fault.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_OfTheCaller_CountRelativeToTheirMeanBesideAnotherDomain()
    {
        var weights = arange(32).remainder(3).to(float32) + 1;
        var other = Toy.Source(rows: 20, seed: 9);
        Tensor Scores(double factor)
        {
            using var model = new AdaptationBuilder()
                .Learn(new RidgeRegression())
                .Fit([source.WithWeights(weights * factor), other], target);
            return model.Predict(target.Inputs);
        }

        Assert.True(Scores(1).allclose(Scores(1024), 1e-6, 1e-6));
    }

    public void Dispose() => scope.Dispose();

    private void Names(string stage, string what, AdaptationBuilder chain)
    {
        var fault = Assert.Throws<NotFiniteNumberException>(() => chain.Fit(source, target));

        Assert.Contains(stage, fault.Message, StringComparison.Ordinal);
        Assert.Contains(what, fault.Message, StringComparison.Ordinal);
        Assert.Contains("ridge", fault.Message, StringComparison.Ordinal);
    }

    private sealed class Constant(double value) : IInstanceWeighting
    {
        public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context) =>
            full(source.Count, value, float32);
    }

    private sealed class Broken : IFeatureMapping, ILabelLearner
    {
        public AffineMap? Map { get; private set; }

        public IFeatureExtractor Fit(DomainSet domains, FitContext context) =>
            Map = new AffineMap(full([4, 2], double.NaN, float64));

        public ILabelPredictor Fit(LabeledDomain data) =>
            new LinearPredictor(full([4, 2], double.NaN, float64), zeros(2, float64), ScoreKind.Logits);
    }

    private sealed class Lowered : IAdaptationStage
    {
        public ChainPlan Plan(ChainPlan plan) => plan.WithRows(plan.RowShape, plan.RowType);

        public AdaptationState Fit(AdaptationState state, FitRun run) =>
            state.Mapped(new Moved(run.FittedTensor("move", () => full(4, -1f))));

        private sealed class Moved(Tensor by) : IFeatureExtractor
        {
            public Tensor Extract(Tensor inputs) => inputs + by;
        }
    }

    // 0 everywhere, with an infinite slope times 0: the value is fine, the step is not.
    private sealed class SteepAtZero : IObjective
    {
        public Tensor Evaluate(StepContext step)
        {
            var scores = step.Scores(step.Sources[0]);
            return (scores - scores.detach()).square().sum().sqrt();
        }
    }
}
