using TransferLearning.Evaluation;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Network;

/// <summary>Rules for a few labeled rows, episodes, moved linear models and weighed tasks.</summary>
public sealed class FewShotTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void PrototypicalNetwork_Scores_AreDistancesToTheMeans()
    {
        var support = tensor(
            new[,]
            {
                { 0.0, 0 },
                { 2, 0 },
                { 0, 4 },
            }
        );
        var labels = tensor(new long[] { 0, 0, 1 });

        var scores = new PrototypicalNetwork().Score(
            support,
            labels,
            tensor(
                new[,]
                {
                    { 1.0, 1 },
                }
            ),
            2
        );

        Assert.Equal([-1.0, -10], scores.data<double>().ToArray());
        Assert.Throws<ArgumentException>(
            "labels",
            () => PrototypicalNetwork.Prototypes(support, labels.narrow(0, 0, 2), 2)
        );
    }

    [Fact]
    public void MatchingNetwork_Scores_AreLogarithmsOfAttention()
    {
        var (support, queries) = (Random(1, 5, 3), Random(2, 4, 3));
        var labels = tensor(new long[] { 0, 1, 1, 2, 0 });

        var scores = new MatchingNetwork { Temperature = 0.5 }.Score(support, labels, queries, 3);

        Tensor Unit(Tensor rows) => rows / rows.norm(1, keepdim: true);
        var attention = (Unit(queries).matmul(Unit(support).t()) / 0.5).softmax(1);
        var expected = attention.matmul(nn.functional.one_hot(labels, 3).to(float64));
        Assert.True(scores.exp().allclose(expected, 1e-12));
        Assert.True(scores.exp().sum(1).allclose(ones(4, float64), 1e-12));
    }

    [Fact]
    public void RelationNetwork_Scores_CompareEachRowWithEachSum()
    {
        using var relation = nn.Linear(4, 1, dtype: float64);
        var (support, queries) = (Random(3, 4, 2), Random(4, 3, 2));
        var labels = tensor(new long[] { 0, 0, 1, 1 });
        var rule = new RelationNetwork(relation.AsPart());

        var scores = rule.Score(support, labels, queries, 2);

        var sum = support.narrow(0, 2, 2).sum(dim: 0);
        Assert.Equal(
            relation.call(cat([sum, queries[1]]).unsqueeze(0)).item<double>(),
            scores[1, 1].item<double>(),
            1e-12
        );
        var loss = rule.Loss(zeros(2, 2, dtype: float64), tensor(new long[] { 0, 1 })).item<double>();
        Assert.Equal(0.25, loss, 1e-12);
        using var wide = nn.Linear(4, 2, dtype: float64);
        Assert.Throws<ArgumentException>(
            "support",
            () => new RelationNetwork(wide.AsPart()).Score(support, labels, queries, 2)
        );
    }

    [Theory]
    [InlineData("prototypes")]
    [InlineData("matching")]
    [InlineData("relation")]
    public void EpisodicTraining_OnSomeClasses_ReadsOthersBetterThanBefore(string name)
    {
        Toy.SeedModules(3);
        // Classes differ in two of twenty features, the same for all.
        var (seen, novel) = (Buried(0, 8, seed: 1), Buried(8, 8, seed: 2));
        using var extractor = new ModulePart(() => nn.Linear(20, 6));
        using var predictor = nn.Linear(6, 16);
        using var relation = new ModulePart(() => nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 1)));
        IFewShotRule rule = name switch
        {
            "prototypes" => new PrototypicalNetwork(),
            "matching" => new MatchingNetwork { Temperature = 0.2 },
            _ => new RelationNetwork(relation),
        };
        var objective = new EpisodicTraining(rule, seen) { Shots = 3, Queries = 8 };
        EpisodeAccuracy Read() => EpisodeAccuracy.Of(extractor, rule, novel, shots: 3, queries: 8, episodes: 60);
        var before = Read();

        new AdaptationBuilder()
            .Train(
                extractor,
                predictor.AsPart(),
                net => net.Phase(phase => phase.Move(extractor).Move([.. rule.Learned]).Minimize(objective))
            )
            .Fit(
                seen,
                novel.WithoutLabels(),
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 200, Optimizer = p => optim.Adam(p, 0.01) },
                }
            )
            .Dispose();

        var after = Read();
        Assert.True(after.Lower > before.Upper, $"{name}: {before} becomes {after}");
    }

    [Fact]
    public void EpisodeAccuracy_OfRowsThatTellNothing_IsChanceWithinItsInterval()
    {
        var rows = new LabeledDomain(Random(5, 200, 4), arange(200, dtype: int64).remainder(10));
        var itself = nn.Identity().AsPart();

        var accuracy = EpisodeAccuracy.Of(
            itself,
            new PrototypicalNetwork(),
            rows,
            ways: 4,
            shots: 2,
            queries: 10,
            episodes: 200
        );

        Assert.InRange(0.25, accuracy.Lower - 0.02, accuracy.Upper + 0.02);
        Assert.InRange(accuracy.Upper - accuracy.Lower, 0.005, 0.06);
        Assert.Equal(
            accuracy,
            EpisodeAccuracy.Of(itself, new PrototypicalNetwork(), rows, ways: 4, shots: 2, queries: 10, episodes: 200)
        );
        Assert.Throws<ArgumentException>(
            "data",
            () => EpisodeAccuracy.Of(itself, new PrototypicalNetwork(), rows, ways: 11)
        );
        Assert.Throws<ArgumentException>(
            "data",
            () => EpisodeAccuracy.Of(itself, new PrototypicalNetwork(), rows, queries: 20)
        );
    }

    [Fact]
    public void EpisodicTraining_OfTooFewClasses_IsRefusedInThePlan()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var source = Toy.Source();

        var refused = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(Recipes.ProtoNet(source)))
                .Fit(source, Toy.LabeledTarget().WithoutLabels())
        );

        Assert.Contains("an episode needs 5 classes", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("data", () => Recipes.ProtoNet(source.WithWeights(ones(source.Count))));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RegularTransfer_OfAStrongPull_KeepsTheFirstModelAndOfAWeakOneLeavesIt(bool isOfClasses)
    {
        var (first, few) = (Rows(isOfClasses, 300, 1, angle: 0), Rows(isOfClasses, 40, 2, angle: 0.8));
        var start = (LinearPredictor)Learner(isOfClasses).Fit(first);
        LinearPredictor Moved(double c) => (LinearPredictor)new RegularTransfer(start) { InversePenalty = c }.Fit(few);

        var (near, free) = (Moved(1e-8), Moved(1e8));

        var alone = (LinearPredictor)
            (
                isOfClasses ? new LogisticRegression { InversePenalty = 1e8 } : (ILabelLearner)new RidgeRegression(1e-8)
            ).Fit(few);
        Assert.True(near.Weight.allclose(start.Weight, 1e-4, 1e-5));
        if (!isOfClasses)
        {
            Assert.True(free.Weight.allclose(alone.Weight, 1e-4, 1e-4));
        }
        double Error(ILabelPredictor it, LabeledDomain on) =>
            isOfClasses
                ? CrossEntropy.Of(it.Predict(on.Inputs), on.Labels).item<double>()
                : (it.Predict(on.Inputs) - on.Labels.unsqueeze(1)).square().mean().item<double>();
        var others = Rows(isOfClasses, 400, 3, angle: 0.8);
        Assert.True(Error(Moved(1), others) < Error(start, others));
        Assert.Throws<ArgumentException>(
            "data",
            () => new RegularTransfer(start).Fit(new LabeledDomain(few.Inputs, few.Inputs))
        );
    }

    [Fact]
    public void RegularTransfer_OfValues_IsWhereTheSlopeOfItsErrorVanishes()
    {
        var (first, few) = (Rows(false, 60, 1, 0), Rows(false, 30, 2, 0.8));
        var start = (LinearPredictor)new RidgeRegression().Fit(first);

        var moved = (LinearPredictor)
            new RegularTransfer(start) { InversePenalty = 0.5, PenaltyScale = PenaltyScale.Absolute }.Fit(few);

        var (w, b) = (moved.Weight.clone().requires_grad_(), moved.Bias.clone().requires_grad_());
        var error =
            (few.Inputs.matmul(w) + b - few.Labels.unsqueeze(1)).square().sum()
            + ((w - start.Weight).square().sum() / 0.5);
        var slopes = autograd.grad([error], [w, b]);
        Assert.All(slopes, slope => Assert.True(slope.abs().max().item<double>() < 1e-8));
    }

    [Fact]
    public void UncertaintyWeighting_AtItsBest_WeighsTasksByTheirLosses()
    {
        var losses = tensor(new[] { 0.5, 8.0 });
        var logs = (losses * 2).log().requires_grad_(); // where the slope of exp(-s) L + s/2 vanishes

        var value = UncertaintyWeighting.Of(losses, logs);

        Assert.True(autograd.grad([value], [logs])[0].abs().max().item<double>() < 1e-12);
        Assert.Equal(1 + (Math.Log(16) / 2), value.item<double>(), 1e-12);
        Assert.Throws<ArgumentException>("tasks", () => new UncertaintyWeighting(new CrossEntropy()));
    }

    [Fact]
    public void GradientNormalization_OfATaskOfALongGradient_TakesWeightOffIt()
    {
        var (even, first) = (ones(2, float64), tensor(new[] { 2.0, 4 }));

        var alike = GradientNormalization.Next(even, ones(2, float64), first, first);
        var longer = GradientNormalization.Next(even, tensor(new[] { 1.0, 3 }), first, first, rate: 0.1);
        var lagging = GradientNormalization.Next(even, ones(2, float64), tensor(new[] { 1.0, 4 }), first, rate: 0.1);

        Assert.True(alike.allclose(even, 1e-12));
        Assert.True(longer.allclose(tensor(new[] { 1.1, 0.7 }) / 0.9, 1e-12)); // towards the mean length of 2
        Assert.True(lagging[1].item<double>() > lagging[0].item<double>()); // its loss has not fallen
        Assert.Equal(2, lagging.sum().item<double>(), 1e-12);
    }

    [Fact]
    public void GradientNormalization_InATraining_BringsGradientsNearer()
    {
        Toy.SeedModules(4);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var target = Toy.LabeledTarget();
        var balance = new GradientNormalization(extractor, new CrossEntropy(), new Times(30));
        var seen = new Shares();

        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(balance).Minimize(new CrossEntropy(), 1e-6))
            .Fit(Toy.Source(), target.WithoutLabels(), new FitOptions { Observers = [seen] });

        // The weights go from 1 and 1 to what makes both gradients alike.
        Assert.Equal(31, seen.Values[0], 1e-3);
        Assert.True(seen.Values[^1] < 15, $"{seen.Values[^1]} of 31");
        Assert.True(AccuracyInterval.Of(model.PredictClasses(target.Inputs), target.Labels).Value >= 0.7);
    }

    [Fact]
    public void UncertaintyWeighting_InATraining_LearnsItsVariances()
    {
        Toy.SeedModules(4);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var weighting = new UncertaintyWeighting(new CrossEntropy(), new BatchSpectralShrinkage { Count = 2 });
        var target = Toy.LabeledTarget();

        using var model = Recipes
            .Uncertainty(extractor, predictor, weighting)
            .Fit(Toy.Source(), target.WithoutLabels());

        var logs = weighting.LogVariances.Module.parameters().Single();
        Assert.True(logs.abs().min().item<float>() > 1e-3);
        Assert.True(AccuracyInterval.Of(model.PredictClasses(target.Inputs), target.Labels).Value >= 0.7);
    }

    public void Dispose() => scope.Dispose();

    /// <summary>Cross-entropy times a factor.</summary>
    private sealed class Times(double factor) : IObjective
    {
        public Tensor Evaluate(StepContext step) => new CrossEntropy().Evaluate(step) * factor;
    }

    /// <summary>What all tasks cost over what the first one costs, step by step.</summary>
    private sealed class Shares : ITrainingObserver
    {
        public List<double> Values { get; } = [];

        public void OnStep(StepReport report)
        {
            var terms = report.Objectives.Select(term => term.Value).ToList();
            Values.Add(terms[0] / terms[1]);
        }
    }

    private static ILabelLearner Learner(bool isOfClasses) =>
        isOfClasses ? new LogisticRegression() : new RidgeRegression(0.01);

    private static LabeledDomain Rows(bool isOfClasses, long count, long seed, double angle)
    {
        var inputs = Random(seed, count, 4);
        var values = (inputs.select(1, 0) * Math.Cos(angle)) + (inputs.select(1, 1) * Math.Sin(angle));
        var noisy = values + (Random(seed + 50, count, 1).squeeze(1) * 0.3);
        return new LabeledDomain(inputs, isOfClasses ? noisy.gt(0).to(int64) : noisy);
    }

    private static LabeledDomain Buried(int first, int classes, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var labels = arange(classes * 30, dtype: int64).remainder(classes);
        var angles = (labels + (first * 0.06)).to(float32) * (2 * Math.PI / classes);
        var inputs = randn([classes * 30, 20], generator: generator);
        inputs.narrow(1, 0, 2).mul_(0.2).add_(stack([angles.cos(), angles.sin()], 1));
        return new LabeledDomain(inputs, labels + first, space: LabelSpace.Classes(16));
    }

    private static Tensor Random(long seed, long rows, long width)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, width], dtype: float64, generator: generator);
    }
}
