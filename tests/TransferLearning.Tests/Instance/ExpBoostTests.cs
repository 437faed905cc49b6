using TransferLearning.Instance;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>Boosting that takes over what sources trained: experts of regressions, candidates of classifiers.</summary>
public sealed class ExpBoostTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor first = Waves(40, 0.5);
    private readonly Tensor second = Waves(30, 1.7);
    private readonly Tensor few = Waves(14, 2.3);
    private readonly Tensor test = Waves(6, 3.1);

    [Fact]
    public void ExpBoost_TwoSources_IsScikitLearnsTreesInTheSameRounds()
    {
        var boosting = new ExpBoostR2(new DecisionTree { MaxDepth = 2 }) { Rounds = 8, Experts = 1 };

        using var median = boosting.Fit([Values(first, 1), Values(second, -1)], Values(few, 0.8));

        // The rounds written out in NumPy over scikit-learn's trees; the first source's expert wins rounds 2, 3, 6 and
        // 7.
        double[] errors = [0.299698, 0.31853, 0.377676, 0.408848, 0.350196, 0.394605, 0.431589, 0.455082];
        double[] answers = [0.159528, -0.626299, 0.175633, -0.158241, 0.175633, 0.159528];
        Near(errors, [.. median.Rounds.Select(round => round.TargetError)]);
        Near(answers, median.Predict(test).data<double>().ToArray());
        Assert.Equal(5, median.Inner.Count); // four trees of its own, and one expert that votes once
    }

    [Fact]
    public void ExpBoost_MoreExpertsThanRows_IsRefused()
    {
        var boosting = new ExpBoostR2(DecisionTree.Stump) { Experts = 41 };

        Assert.Throws<ArgumentOutOfRangeException>(() => boosting.Fit([Values(first, 1)], Values(few, 1)));
    }

    [Fact]
    public void ExpBoost_PartsWithoutWeight_TrainNoExperts()
    {
        var weights = arange(40).eq(7).to(float64);
        var learner = new Recorder(DecisionTree.Stump);
        var boosting = new ExpBoostR2(learner) { Rounds = 1, Experts = 40 };

        using var median = boosting.Fit([Values(first, 1).WithWeights(weights)], Values(few, 0.8));

        Assert.Equal([1L, 14], learner.Rows);
    }

    [Fact]
    public void TaskBoosting_TwoSources_IsScikitLearnsStumpsInTheSameRounds()
    {
        var boosting = new TaskTrAdaBoost(DecisionTree.Stump) { Rounds = 5, MinVote = 0.2 };
        var (sources, target) = Tasks();

        using var vote = boosting.Fit(sources, target);

        // Both phases written out in NumPy over scikit-learn's stumps; rounds 2 and 3 turn their candidates round.
        double[] errors = [0.214286, 1 - 0.272727, 1 - 0.291667, 0.358193, 1 - 0.340426];
        double[] margins = [2.206014, -0.563786, 0.563786, 0.323517, -1.318711, -1.318711];
        var votes = vote.Predict(test);
        Near(errors, [.. vote.Rounds.Select(round => round.TargetError)]);
        // Votes are -ln beta = 2 a.
        Near(margins, ((votes.select(1, 1) - votes.select(1, 0)) / 2).data<double>().ToArray());
    }

    [Fact]
    public void TaskBoosting_ContradictingSource_IsTurnedRound()
    {
        var (inputs, labels) = Toy.Clouds(200, 1);
        var (fewInputs, fewLabels) = Toy.Clouds(10, 2);
        var (rows, right) = Toy.Clouds(300, 3);

        using var vote = new TaskTrAdaBoost(DecisionTree.Stump).Fit(
            [new LabeledDomain(inputs, 1 - labels)],
            new LabeledDomain(fewInputs, fewLabels)
        );

        Assert.True(vote.Predict(rows).argmax(1).eq(right).to(float64).mean().item<double>() > 0.95);
    }

    [Fact]
    public void TaskBoosting_ThreeClasses_ReadsTheTarget()
    {
        var learner = new DecisionTree { MaxDepth = 2 };

        using var vote = new TaskTrAdaBoost(learner) { Rounds = 5 }.Fit(
            [Toy.Source(classes: 3)],
            Toy.LabeledTarget(rows: 12, classes: 3)
        );

        var target = Toy.LabeledTarget(rows: 300, seed: 5, classes: 3);
        Assert.True(vote.Predict(target.Inputs).argmax(1).eq(target.Labels).to(float64).mean().item<double>() > 0.7);
    }

    // The first source's stump misreads two of the three target rows, the second's all: half the log odds are below 0,
    // and votes by them would choose what the stump does not say.
    [Fact]
    public void TaskBoosting_ThreeClassesAndEveryCandidateMisreadsHalf_TheBestAnswersAlone()
    {
        static LabeledDomain Rows(double[] inputs, long[] labels) =>
            new(tensor(inputs).unsqueeze(1), tensor(labels), space: LabelSpace.Classes(3));
        var lines = new LogLines();

        using var vote = new TaskTrAdaBoost(DecisionTree.Stump) { Rounds = 5 }.Fit(
            [Rows([0, 1, 2, 3], [0, 0, 1, 1]), Rows([0, 1, 2, 3], [2, 2, 1, 1])],
            Rows([0, 1, 3], [1, 0, 2]),
            new FitContext { Logger = lines }
        );

        Assert.Equal(2.0 / 3, Assert.Single(vote.Rounds).TargetError, 1e-12);
        var scores = vote.Predict(tensor([0.0, 3]).unsqueeze(1));
        Assert.Equal([0L, 1], scores.argmax(1).data<long>().ToArray());
        Assert.True(scores.min().item<double>() >= 0);
        Assert.Contains("answers alone", Assert.Single(lines.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void TaskBoosting_NoCandidateIsGoodEnough_SaysWhatToChange()
    {
        var (sources, target) = Tasks();

        var fault = Assert.Throws<InvalidOperationException>(() =>
            new TaskTrAdaBoost(DecisionTree.Stump) { MinVote = 100 }.Fit(sources, target)
        );

        Assert.Contains("MinVote", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.3)]
    public void Resampling_HalfOfTheSourceContradicts_DrawsItLessAndLess(double share)
    {
        var (inputs, labels) = Toy.Clouds(200, 1);
        var isWrong = arange(200).ge(100);
        var source = new LabeledDomain(inputs, where(isWrong, 1 - labels, labels));
        var learner = new Recorder(DecisionTree.Stump);

        using var vote = new TransferBoostingByResampling(learner) { Rounds = 10, DrawnShare = share }.Fit(
            source,
            Toy.LabeledTarget(rows: 30),
            FitContext.Seeded(1)
        );

        Assert.Equal(10, learner.Rows.Count);
        Assert.All(learner.Rows, rows => Assert.Equal((long)(200 * share) + 30, rows));
        Assert.True(vote.Rounds[^1].SourceShare < vote.Rounds[0].SourceShare);
    }

    [Fact]
    public void Resampling_SameSeed_GivesTheSameVotes()
    {
        var (sources, target) = Tasks();
        Tensor Votes(long seed)
        {
            using var vote = new TransferBoostingByResampling(DecisionTree.Stump).Fit(
                sources[0],
                target,
                FitContext.Seeded(seed)
            );
            return vote.Predict(test);
        }

        Assert.True(Votes(1).equal(Votes(1)).all().item<bool>());
        Assert.False(Votes(1).equal(Votes(2)).all().item<bool>());
    }

    [Fact]
    public void NetworkLearner_UnderTransferBoosting_ReadsTheTarget()
    {
        var learner = new NetworkLearner(() => nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)))
        {
            Options = new TrainingOptions { Steps = 100, Optimizer = parameters => optim.Adam(parameters, 0.02) },
        };
        var target = Toy.LabeledTarget(rows: 200, seed: 5);

        using var vote = new TransferBoostingByResampling(learner) { Rounds = 4 }.Fit(
            Toy.Source(),
            Toy.LabeledTarget(rows: 20)
        );

        Assert.True(vote.Predict(target.Inputs).argmax(1).eq(target.Labels).to(float64).mean().item<double>() > 0.9);
    }

    [Fact]
    public void NetworkLearner_FittedTwice_GivesTheSameBitsAndLeavesTheGlobalGeneratorAlone()
    {
        var learner = new NetworkLearner(() => nn.Linear(4, 2)) { Options = new TrainingOptions { Steps = 5 } };
        Toy.SeedModules(3);
        var expected = rand(1).item<float>();
        Toy.SeedModules(3);

        using var one = (ModulePart)learner.Fit(Toy.Source());
        using var two = (ModulePart)learner.Fit(Toy.Source());

        Assert.Equal(Toy.Bits(one), Toy.Bits(two));
        Assert.Equal(expected, rand(1).item<float>());
    }

    [Fact]
    public void NetworkLearner_Weights_AreHonored()
    {
        var (inputs, labels) = Toy.Clouds(100, 1);
        var both = cat([inputs, inputs]);
        var contradicting = new LabeledDomain(both, cat([labels, 1 - labels]), cat([ones(100), zeros(100)]));
        var learner = new NetworkLearner(() => nn.Linear(4, 2))
        {
            Options = new TrainingOptions { Epochs = 50, Optimizer = parameters => optim.Adam(parameters, 0.02) },
        };

        using var network = (ModulePart)learner.Fit(contradicting);

        Assert.True(network.Predict(inputs).argmax(1).eq(labels).to(float64).mean().item<double>() > 0.95);
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Waves(long n, double start)
    {
        var i = arange(n * 2, dtype: float64).reshape(n, 2);
        return ((i * 1.3) + start).sin() + (i * (0.37 * start)).cos();
    }

    private static LabeledDomain Values(Tensor rows, double slope) =>
        new(rows, (rows.select(1, 0) * 2).sin() + (rows.select(1, 1) * slope));

    private (LabeledDomain[] Sources, LabeledDomain Target) Tasks()
    {
        var isFlipped = tensor(new long[] { 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0 });
        LabeledDomain Classes(Tensor rows, Tensor scores) => new(rows, scores.gt(0).to(int64));
        var target = Classes(few, few.select(1, 0) + (few.select(1, 1) * 0.2) - 0.1);
        return (
            [
                Classes(first, first.select(1, 0) + (first.select(1, 1) * 0.4) - 0.3),
                Classes(second, (second.select(1, 1) * 0.8) - second.select(1, 0)),
            ],
            new LabeledDomain(few, (target.Labels - isFlipped).abs())
        );
    }

    private static void Near(double[] expected, double[] given)
    {
        Assert.Equal(expected.Length, given.Length);
        Assert.All(expected.Zip(given), pair => Assert.Equal(pair.First, pair.Second, 2e-6));
    }

    /// <summary>Notes how many rows each fit saw.</summary>
    private sealed class Recorder(ILabelLearner learner) : ILabelLearner
    {
        public List<long> Rows { get; } = [];

        public ILabelPredictor Fit(LabeledDomain data)
        {
            Rows.Add(data.Count);
            return learner.Fit(data);
        }
    }
}
