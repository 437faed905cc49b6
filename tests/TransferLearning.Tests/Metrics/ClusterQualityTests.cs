using TransferLearning.Evaluation;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Metrics;

/// <summary>How far groups agree with classes.</summary>
public sealed class ClusterQualityTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // normalized_mutual_info_score and adjusted_rand_score of scikit-learn 1.2.1; purity by its contingency_matrix.
    [Fact]
    public void Of_Groups_IsWhatThePeerComputes()
    {
        var i = arange(40, dtype: int64);
        Near(ClusterQuality.Of((i * 7).remainder(5), (i * i).remainder(4)), 0.5, 0, -0.0427807486631016);
        Near(
            ClusterQuality.Of(i.div(8, RoundingMode.floor).to(int64) * 10, i.div(10, RoundingMode.floor).to(int64)),
            0.8,
            0.6827919011247692,
            0.5301204819277109
        );
        var six = arange(6, dtype: int64);
        Near(ClusterQuality.Of(six, six.remainder(2)), 1, 0.5578858913022601, 0);
    }

    // Four rows: {a, a, a, b} beside {0, 0, 1, 1}.
    [Fact]
    public void Of_FourRows_IsWhatAHandComputes()
    {
        var quality = ClusterQuality.Of(tensor(new[] { 3L, 3, 3, 9 }), tensor(new[] { 0L, 0, 1, 1 }));

        var (first, second) = (-(0.75 * Math.Log(0.75)) - (0.25 * Math.Log(0.25)), Math.Log(2));
        var both = -(0.5 * Math.Log(0.5)) - (0.5 * Math.Log(0.25));
        Near(quality, 0.75, 2 * (first + second - both) / (first + second), (1 - (3 * 2 / 6.0)) / (2.5 - 1));
        Assert.Equal((2, 4L), (quality.Clusters, quality.Rows));
    }

    [Fact]
    public void Of_TheSameGroupsByOtherNumbers_IsOne()
    {
        var labels = arange(30, dtype: int64).remainder(4);
        Near(ClusterQuality.Of((labels * 1_000_000_007) + 5, labels), 1, 1, 1);
        Near(ClusterQuality.Of(zeros(5, int64), ones(5, int64)), 1, 1, 1);
        Near(ClusterQuality.Of(arange(5, dtype: int64), arange(5, dtype: int64).flip(0)), 1, 1, 1);
        Near(ClusterQuality.Of(zeros(1, int64), zeros(1, int64)), 1, 1, 1);
    }

    [Fact]
    public void Of_OneGroup_TellsNothing() =>
        Near(ClusterQuality.Of(zeros(6, int64), arange(6).remainder(2)), 0.5, 0, 0);

    [Fact]
    public void Of_FaultyInput_NamesTheArgument()
    {
        var some = arange(4, dtype: int64);
        void Names(string name, Action act) => Assert.Equal(name, Assert.Throws<ArgumentException>(act).ParamName);
        Names("clusters", () => ClusterQuality.Of(some.to(float32), some));
        Names("clusters", () => ClusterQuality.Of(empty(0, int64), empty(0, int64)));
        Names("labels", () => ClusterQuality.Of(some, some.narrow(0, 0, 3)));
    }

    public void Dispose() => scope.Dispose();

    private static void Near(ClusterQuality quality, double purity, double nmi, double ari)
    {
        Assert.Equal(purity, quality.Purity, 1e-12);
        Assert.Equal(nmi, quality.NormalizedMutualInformation, 1e-9);
        Assert.Equal(ari, quality.AdjustedRandIndex, 1e-9);
    }
}
