using TransferLearning.Instance;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>
/// The weights of the first two rounds of every boosting method, worked out by hand over a learner that always answers
/// 0.
/// </summary>
public sealed class BoostingWeightsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Recorder learner = new();

    // Of four target rows one is misread: e = 1/4, (1 - e) / e = 3.
    private readonly LabeledDomain target = Classes(0, 0, 0, 1);

    [Fact]
    public void TrAdaBoost_OneTargetRowInFour_IsTripledAndAMisreadSourceRowFades()
    {
        new TrAdaBoost(learner) { Rounds = 2 }
            .Fit(Classes(0, 1), target)
            .Dispose();

        Seen(0, 1, 1, 1, 1, 1, 1);
        Seen(1, 1, Faded(2), 1, 1, 1, 3);
    }

    [Fact]
    public void DynamicTransferBoosting_KeepsTheSourcesShareBesides()
    {
        new TrAdaBoost(learner) { Rounds = 2, IsDynamic = true }
            .Fit(Classes(0, 1), target)
            .Dispose();

        Seen(1, 1.5, 1.5 * Faded(2), 1, 1, 1, 3); // 2 (1 - e)
    }

    [Fact]
    public void TransferBoostingByResampling_TargetRows_WeighAsInTransferBoosting()
    {
        using var vote = new TransferBoostingByResampling(learner) { Rounds = 2 }.Fit(Classes(0, 1), target);

        var source = 1 + Faded(2);
        Assert.Equal(source / (source + 6), vote.Rounds[1].SourceShare, 1e-9);
    }

    [Fact]
    public void MultiSourceTrAdaBoost_TwoSources_FadeByTheirRowsTogether()
    {
        new MultiSourceTrAdaBoost(learner) { Rounds = 2 }
            .Fit([Classes(0, 1), Classes(1, 1)], target)
            .Dispose();

        Seen(0, 1, 1, 1, 1, 1, 1);
        Seen(2, 1, Faded(4), 1, 1, 1, 3); // the first source with the target, in the second round
        Seen(3, Faded(4), Faded(4), 1, 1, 1, 3);
    }

    [Fact]
    public void MultiSourceTrAdaBoost_OneSource_HasTheWeightsOfTransferBoosting()
    {
        var (source, rows) = (Toy.Source(rows: 40), Toy.LabeledTarget(rows: 12).Inputs);
        // Labels that no stump reads: every round errs.
        var few = new LabeledDomain(rows, arange(12, dtype: int64).div(3, RoundingMode.floor).remainder(2));
        var (one, several) = (new Recorder(DecisionTree.Stump), new Recorder(DecisionTree.Stump));

        using var single = new TrAdaBoost(one) { Rounds = 6 }.Fit(source, few);
        using var multi = new MultiSourceTrAdaBoost(several) { Rounds = 6 }.Fit([source], few);

        Assert.Equal(6, several.Weights.Count);
        foreach (var (expected, actual) in one.Weights.Zip(several.Weights))
        {
            Assert.Equal(expected, actual, (a, b) => Math.Abs(a - b) < 1e-6);
        }
        Assert.Equal(single.Rounds[^1].Beta, multi.Rounds[^1].Beta, 1e-9);
        Assert.Contains(multi.Rounds, round => round.TargetError is > 0 and < 0.5); // weights have moved
    }

    [Fact]
    public void TaskTrAdaBoost_MisreadSourceRow_IsTripled()
    {
        new TaskTrAdaBoost(learner) { Rounds = 2 }
            .Fit([Classes(0, 0, 0, 1)], target)
            .Dispose();

        Seen(1, 1, 1, 1, 3);
    }

    [Fact]
    public void TrAdaBoostR2_Errors_MoveWeightsByTheirSize()
    {
        new TrAdaBoostR2(learner) { Rounds = 2 }
            .Fit(Values(0, 2), Values(0, 0, 1, 2))
            .Dispose();

        // Adjusted errors 0, 1 and 0, 0, 1/2, 1: e = 3/8, beta = 3/5.
        Seen(1, 1, Faded(2), 1, 1, Math.Pow(0.6, -0.5), 1 / 0.6);
    }

    [Fact]
    public void ExpBoostR2_Errors_MoveTargetWeights()
    {
        new ExpBoostR2(learner) { Rounds = 2, Experts = 1 }
            .Fit([Values(0, 2)], Values(0, 0, 1, 2))
            .Dispose();

        // After the expert's fit and the first round's: beta^(1 - e_i).
        Seen(2, 0.6, 0.6, Math.Sqrt(0.6), 1);
    }

    [Fact]
    public void TwoStageTrAdaBoostR2_LastStep_LeavesTheTargetAlone()
    {
        var boosting = new TwoStageTrAdaBoostR2(learner)
        {
            Steps = 2,
            Rounds = 1,
            Folds = 2,
        };

        boosting.Fit(Values(2, 2), Values(0, 0, 1, 2)).Dispose();

        // Each step: a fit for each fold, then the fit that lowers the source; the second step's folds see no source
        // any more.
        var lowered = learner.Weights[4];
        Assert.True(lowered[0] < 1e-6 && lowered[1] < 1e-6 && lowered[2] > 0);
    }

    public void Dispose() => scope.Dispose();

    // 1 / (1 + sqrt(2 ln n / N)) for N = 2.
    private static double Faded(double n) => 1 / (1 + Math.Sqrt(Math.Log(n)));

    private static LabeledDomain Classes(params long[] labels) =>
        new(arange(labels.Length, dtype: float64).unsqueeze(1), tensor(labels), space: LabelSpace.Classes(2));

    private static LabeledDomain Values(params double[] values) =>
        new(arange(values.Length, dtype: float64).unsqueeze(1), tensor(values));

    // Weights up to their scale.
    private void Seen(int fit, params double[] expected)
    {
        var actual = learner.Weights[fit];
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(
            expected.Zip(actual),
            pair => Assert.Equal(pair.First / expected.Average(), pair.Second / actual.Average(), 1e-9)
        );
    }

    /// <summary>Remembers the weights of every fit; without a learner of its own it answers 0 to everything.</summary>
    private sealed class Recorder(ILabelLearner? inner = null) : ILabelLearner
    {
        public List<double[]> Weights { get; } = [];

        public ILabelPredictor Fit(LabeledDomain data)
        {
            var weights = data.Weights ?? ones(data.Count, float64);
            Weights.Add(weights.to(float64).data<double>().ToArray());
            return inner?.Fit(data) ?? new Zero(data.Space);
        }
    }

    private sealed class Zero(LabelSpace space) : ILabelPredictor
    {
        public Tensor Predict(Tensor features)
        {
            var scores = zeros([features.shape[0], space.Width], features.dtype);
            if (space.IsClasses)
            {
                scores.select(1, 0).fill_(1);
            }
            return scores;
        }
    }
}
