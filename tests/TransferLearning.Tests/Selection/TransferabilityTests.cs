using TransferLearning.Selection;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Selection;

/// <summary>Scores of pretrained features.</summary>
public sealed class TransferabilityTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<ITransferabilityScore> Scores() =>
        [
            new LogMaximumEvidence(),
            new HScore(),
            new HScore { IsRegularized = false },
            new TransRate(),
            new TransRate { WeighsClasses = true },
            new GaussianBhattacharyya(),
            new GaussianMixturePrediction(),
        ];

    [Theory]
    [MemberData(nameof(Scores))]
    public void Of_FeaturesThatTellClassesApart_IsAboveNoise(ITransferabilityScore score)
    {
        var labels = arange(0, 90).remainder(3);
        var noise = Normal([90, 6], seed: 1);
        var telling = noise + (3 * nn.functional.one_hot(labels, 6).to(float64));

        Assert.True(score.Of(telling, labels) > score.Of(noise, labels));
        // An absent class, one row of a class and constant features have a number, too.
        var gaps = labels.where(labels.ne(1), full_like(labels, 4));
        gaps[0] = 3;
        Assert.True(double.IsFinite(score.Of(telling, gaps)));
        Assert.True(double.IsFinite(score.Of(ones(6, 2), tensor(new long[] { 0, 1, 0, 1, 0, 1 }))));
        Assert.True(double.IsFinite(score.Of(noise[..4], labels[..4])));
    }

    [Theory]
    [MemberData(nameof(Scores))]
    public void Of_RowsAndLabelsThatDoNotFit_IsRefused(ITransferabilityScore score)
    {
        var rows = rand(4, 2);
        Assert.Throws<ArgumentException>(() => score.Of(rows, zeros(3, int64)));
        Assert.Throws<ArgumentException>(() => score.Of(rows, zeros(4)));
        Assert.Throws<ArgumentException>(() => score.Of(rows, full([4], -1, int64)));
        Assert.Throws<ArgumentException>(() => score.Of(rows[0], zeros(2, int64)));
    }

    [Fact]
    public void NegativeConditionalEntropy_OfClassesThatDoNotFit_NamesThem()
    {
        void Refuses(string name, Tensor predicted, Tensor labels) =>
            Assert.Throws<ArgumentException>(name, () => NegativeConditionalEntropy.Of(predicted, labels));

        Refuses("predicted", zeros(3, int64), zeros(4, int64));
        Refuses("predicted", zeros(0, int64), zeros(0, int64));
        Refuses("labels", zeros(1, int64), tensor(0L));
        Refuses("labels", zeros(2, int64), zeros(2));
    }

    [Fact]
    public void GaussianMixturePrediction_OneGroup_IsTheEntropyOfTheShares()
    {
        // Three rows have a group at the most.
        var score = new GaussianMixturePrediction().Of(rand(3, 2), tensor(new long[] { 0, 1, 1 }));

        Assert.Equal((Math.Log(1.0 / 3) + (2 * Math.Log(2.0 / 3))) / 3, score, 1e-9);
    }

    [Fact]
    public void GaussianMixture_TwoFarClouds_GivesTheirRowsApart()
    {
        var isSecond = arange(60).remainder(2).eq(0).to(float64).unsqueeze(1);
        var rows = Normal([60, 3], seed: 2) + (20 * isSecond);

        var shares = GaussianMixture.Probabilities(rows, 2, 1e-6, new RandomKey(1));

        var second = shares.select(1, shares[0, 1].ToDouble() > 0.5 ? 1 : 0).unsqueeze(1);
        Assert.True(second.allclose(isSecond, 0, 1e-9));
        Assert.True(shares.sum(1).allclose(ones(60, float64)));
    }

    [Fact]
    public void GaussianBhattacharyya_TwoNormalClasses_IsTheClosedForm()
    {
        // Variances 1 and 4 of one feature, means 0 and 3.
        var features = tensor(new[] { -1.0, 1, 1, 5 }, [4, 1]);
        var labels = tensor(new long[] { 0, 0, 1, 1 });
        var distance = (9.0 / 8 / 2.5) + (0.5 * Math.Log(2.5 / 2));

        var score = new GaussianBhattacharyya { Ridge = 1e-12 }.Of(features, labels);

        Assert.Equal(-2 * Math.Exp(-distance), score, 1e-9);
    }

    [Fact]
    public void NegativeConditionalEntropy_WhereClassesFollow_IsZero()
    {
        var labels = tensor(new long[] { 0, 1, 2, 0, 1, 2 });

        Assert.Equal(0, NegativeConditionalEntropy.Of(tensor(new long[] { 5, 3, 1, 5, 3, 1 }), labels), 1e-12);
        Assert.Equal(-Math.Log(3), NegativeConditionalEntropy.Of(zeros(6, int64), labels), 1e-12);
    }

    [Fact]
    public void LogExpectedEmpiricalPrediction_OfSureRightPredictions_IsZero()
    {
        var labels = tensor(new long[] { 0, 1, 1 });
        var sure = nn.functional.one_hot(tensor(new long[] { 2, 0, 0 }), 4).to(float64);

        // Class 1 and 3 of the classifier never have mass.
        Assert.Equal(0, LogExpectedEmpiricalPrediction.Of(sure, labels), 1e-12);
        Assert.Equal(
            ((2 * Math.Log(2.0 / 3)) + Math.Log(1.0 / 3)) / 3,
            LogExpectedEmpiricalPrediction.Of(full([3, 2], 0.5, float64), labels),
            1e-12
        );
    }

    [Fact]
    public void EffectiveRank_OfDirectionsAlike_IsTheirNumber()
    {
        Assert.Equal(3, EffectiveRank.Of(eye(3, dtype: float64), epsilon: 0), 1e-9);
        Assert.Equal(1, EffectiveRank.Of(ones(5, 3), epsilon: 0), 1e-4);
        Assert.True(double.IsFinite(EffectiveRank.Of(zeros(2, 2))));
    }

    [Fact]
    public void BackboneAdvisor_ByThreeScores_RanksTheBestFirst()
    {
        var labels = arange(0, 60).remainder(3);
        var noise = Normal([60, 5], seed: 2);
        var means = nn.functional.one_hot(labels, 5).to(float64);

        var ranking = new BackboneAdvisor().Rank(
            new Dictionary<string, Tensor>(StringComparer.Ordinal)
            {
                ["noise"] = noise,
                ["clear"] = noise + (4 * means),
                ["faint"] = noise + means,
            },
            labels
        );

        Assert.Equal(["clear", "faint", "noise"], ranking.Select(candidate => candidate.Name));
        Assert.Equal([1.0, 1, 1], ranking[0].Ranks);
        Assert.Throws<ArgumentException>(() => new BackboneAdvisor().Rank(new Dictionary<string, Tensor>(), labels));
    }

    [Fact]
    public void Ranks_OfEqualValues_ShareTheirMean() =>
        Assert.Equal([2.5, 1, 2.5, 4], BackboneAdvisor.Ranks([1, 2, 1, 0]));

    [Fact]
    public void Ranks_OfWhatIsNoNumber_AreTheLast() =>
        Assert.Equal([3.5, 1, 3.5, 2], BackboneAdvisor.Ranks([double.NaN, 1, double.NaN, double.NegativeInfinity]));

    [Fact]
    public void Of_FeaturesThatAreNoNumbers_IsRefused()
    {
        var labels = arange(0, 12).remainder(3);

        foreach (var score in new ITransferabilityScore[] { new LogMaximumEvidence(), new HScore(), new TransRate() })
        {
            Assert.Throws<ArgumentException>(() => score.Of(full([12, 3], double.NaN), labels));
        }
    }

    // Two normal classes far apart: -2 exp(-D), D = (20^2 / 8) * 10 = 500, far below what a sum near 1 could hold.
    [Fact]
    public void GaussianBhattacharyya_OfClassesFarApart_IsNotZero()
    {
        using var generator = new RandomKey(1).Generator();
        var noise = randn([200, 10], float64, generator: generator);
        var labels = arange(200, dtype: int64).remainder(2);
        var centered = noise.clone();
        for (var c = 0; c < 2; c++)
        {
            var rows = labels.eq(c).nonzero().squeeze(1);
            var own = noise.index_select(0, rows);
            centered.index_copy_(0, rows, (own - own.mean([0L])) / own.std(0, unbiased: false));
        }

        var score = new GaussianBhattacharyya { Ridge = 1e-12 }.Of(
            centered + (((labels.to(float64) * 2) - 1) * 10).unsqueeze(1),
            labels
        );

        Assert.Equal(Math.Log(2) - 500, Math.Log(-score), 1e-3);
    }

    [Fact]
    public void HScore_OfOneFeature_IsTheSharesOfItsVariance()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            using var generator = new RandomKey(seed).Generator();
            var labels = arange(60, dtype: int64).remainder(2);
            var rows = randn([60, 1], float64, generator: generator) + labels.unsqueeze(1);

            var score = new HScore().Of(rows, labels);

            var means = rows.reshape(30, 2).mean([0L]);
            // Between classes with n - 1, within all with n, as the authors and Ledoit and Wolf have it.
            var between = (means - means.mean()).square().mean() * (60.0 / 59);
            Assert.Equal((between / rows.var([0L], unbiased: false)).item<double>(), score, 1e-9);
        }
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Normal(long[] shape, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn(shape, float64, generator: generator);
    }
}
