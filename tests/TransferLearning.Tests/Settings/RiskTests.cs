using TransferLearning.Objectives;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>What looks at the sources' risks: ERM, V-REx, Group DRO, and IRM at their slopes.</summary>
public sealed class RiskTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;

    public RiskTests()
    {
        Toy.SeedModules(5);
        (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
    }

    [Fact]
    public void SourceRisk_OfTwoSources_IsTheMeanOfTheirMeans()
    {
        var weights = tensor(new[] { 2f, 0, 1, 1, 0.5f, 1.5f, 1, 1 });
        var step = Toy.Step(extractor, predictor, weights: weights, sources: 2);

        var risk = new SourceRisk().Evaluate(step).item<float>();

        var expected = step.Sources.Average(batch =>
        {
            var p = step.Scores(batch).softmax(1);
            return Enumerable
                .Range(0, 8)
                .Average(i =>
                    -weights[i].item<float>() * Math.Log(p[i, (int)batch.Labels[i].item<long>()].item<float>())
                );
        });
        Assert.Equal(expected, risk, 1e-5);
    }

    [Fact]
    public void SourceRisk_OfValues_IsTheMeanSquaredError()
    {
        var batch = new LabeledBatch(
            zeros(2, 1),
            tensor(new[] { 1.0, 4.0 }),
            DomainId.Source(0),
            arange(2, dtype: int64),
            null,
            LabelSpace.Values(1)
        );

        Assert.Equal(
            (1 + 9) / 2.0,
            SourceRisk
                .Of(
                    tensor(
                        new double[,]
                        {
                            { 2 },
                            { 1 },
                        }
                    ),
                    batch
                )
                .item<double>(),
            1e-12
        );
        Assert.Throws<ArgumentException>(() => SourceRisk.Of(zeros(2, 3, dtype: float64), batch));
    }

    [Fact]
    public void RiskExtrapolation_OfSomeRisks_IsTheirVariance()
    {
        Assert.Equal(14.0 / 9, RiskExtrapolation.Of(tensor(new double[] { 1, 2, 4 })).item<double>(), 1e-12);
        Assert.Equal(0, RiskExtrapolation.Of(tensor(new double[] { 3, 3 })).item<double>());
        Assert.Throws<ArgumentException>(() => RiskExtrapolation.Of(zeros(2, 2)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void InvariantRisk_OfRandomScores_IsWhatTheDerivativeInAFactorSays(bool isSquared)
    {
        var (scores, labels) = (Random(1, 12, 3), arange(12, dtype: int64).remainder(3));
        var weights = Random(3, 12, 1).abs().squeeze(1);
        double Slope(long from, long step)
        {
            var rows = arange(from, 12, step, dtype: int64);
            var factor = ones([], float64).requires_grad_();
            var risk = CrossEntropy.Of(
                scores.index_select(0, rows) * factor,
                labels.index_select(0, rows),
                weights.index_select(0, rows)
            );
            return autograd.grad([risk], [factor])[0].item<double>();
        }

        var penalty = InvariantRisk.Of(scores, labels, weights, isSquared).item<double>();

        var expected = isSquared ? Math.Pow(Slope(0, 1), 2) : Slope(0, 2) * Slope(1, 2);
        Assert.Equal(expected, penalty, 1e-12);
    }

    [Fact]
    public void InvariantRisk_OfScoresAtTheirBestScale_HasNoPenaltyAndSoftLabelsAreTheirOneHotRows()
    {
        var p = tensor(new[] { 0.25, 0.75 });
        // Of rows whose labels come as often as the scores say, no factor is better than 1.
        var scores = p.log().expand(4, 2);
        var labels = tensor(new long[] { 0, 1, 1, 1 });

        Assert.Equal(0, InvariantRisk.Of(scores, labels, isSquared: true).item<double>(), 1e-12);
        Assert.Equal(
            InvariantRisk.Of(Random(1, 4, 2), labels).item<double>(),
            InvariantRisk.Of(Random(1, 4, 2), nn.functional.one_hot(labels, 2).to(float64)).item<double>(),
            1e-12
        );
        Assert.Throws<ArgumentException>(() => InvariantRisk.Of(scores.narrow(0, 0, 1), labels.narrow(0, 0, 1)));
        Assert.Throws<ArgumentException>(() => InvariantRisk.Of(scores, labels.narrow(0, 0, 3)));
    }

    [Fact]
    public void GroupRobustness_OfRisks_RaisesTheWorst()
    {
        var weights = GroupRobustness.Raise(tensor(new[] { 0.5, 0.5 }), tensor(new[] { 1.0, 3.0 }), rate: 0.5);

        Assert.Equal(1 / (1 + Math.E), weights[0].item<double>(), 1e-12);
        Assert.Equal(1, weights.sum().item<double>(), 1e-12);
        Assert.Throws<ArgumentException>(() => GroupRobustness.Raise(ones(2), ones(3)));
        Assert.Throws<ArgumentOutOfRangeException>(() => GroupRobustness.Raise(ones(2), ones(2), rate: 0));
    }

    [Fact]
    public void GroupRobustness_OverSteps_FollowsTheRisksAndWeighsByTheNewWeights()
    {
        var robust = new GroupRobustness { Rate = 2 };
        var step = Toy.Step(extractor, predictor, sources: 2);
        double[] risks =
        [
            .. step.Sources.Select(batch => CrossEntropy.Of(step.Scores(batch), batch.Labels).ToDouble()),
        ];
        double[] raised = [.. risks.Select(risk => Math.Exp(2 * risk))];
        double[] expected = [.. raised.Select(one => one / raised.Sum())];

        var value = robust.Evaluate(step).ToDouble();
        robust.OnStepped(null!, step);

        Assert.Equal(risks.Zip(expected, (risk, weight) => risk * weight).Sum(), value, 1e-5);
        Assert.Equal(expected[1], robust.Weights![1].item<double>(), 1e-6);
        robust.OnEnd();
        Assert.Null(robust.Weights);
    }

    [Fact]
    public void GroupRobustness_StoppedAndResumed_EndsWithTheSameBits()
    {
        var (whole, resumed) = SourceRuns.StoppedAndResumed(net => net.Minimize(new GroupRobustness { Rate = 0.5 }));
        Assert.Equal(whole, resumed);
    }

    [Fact]
    public void Risks_OfOneSourceOrOfValues_AreRefusedWhereTheyMeanNothing()
    {
        void Refuses(IObjective term, LabeledDomain source, string words)
        {
            using var toOne = new ModulePart(() => nn.Linear(8, 1));
            var fault = Assert.Throws<InvalidAdaptationException>(() =>
                new AdaptationBuilder()
                    .Train(
                        extractor,
                        source.Space.IsClasses ? predictor : toOne,
                        net => net.Minimize(new SourceRisk()).Minimize(term)
                    )
                    .FitWithoutTarget([source])
            );
            Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        }
        var values = new LabeledDomain(Toy.Source(rows: 8).Inputs, arange(8, dtype: float32));

        Refuses(new RiskExtrapolation(), Toy.Source(rows: 8), "RiskExtrapolation: compares sources");
        Refuses(new InvariantRisk(), values, "InvariantRisk: is of classes");
        Refuses(new SpectralDecoupling(), values, "SpectralDecoupling: is of classes");
    }

    public void Dispose()
    {
        extractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
    }

    private static Tensor Random(long seed, long rows, long width)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, width], dtype: float64, generator: generator);
    }
}
