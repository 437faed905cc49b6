using TransferLearning.Predictors;
using TransferLearning.Theory;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Theory;

/// <summary>Domains whose total variation is known.</summary>
public sealed class TotalVariationTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_TwoDistributions_IsHalfTheirDistanceWhateverTheyAreCountedIn()
    {
        Assert.Equal(0.3, TotalVariation.Of(tensor([0.5, 0.5, 0]), tensor([0.2, 0.6, 0.2])), 1e-12);
        Assert.Equal(0.3, TotalVariation.Of(tensor([50L, 50, 0]), tensor([2L, 6, 2])), 1e-12);
        Assert.Equal(1, TotalVariation.Of(tensor([1.0, 0]), tensor([0, 3.0])), 1e-12);
        Assert.Equal(0, TotalVariation.Of(tensor([1.0, 2]), tensor([2.0, 4])), 1e-12);
    }

    [Fact]
    public void Of_WhatIsNoDistribution_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => TotalVariation.Of(tensor([1.0, 2]), tensor([1.0])));
        Assert.Throws<ArgumentException>(() => TotalVariation.Of(tensor([1.0, -2]), tensor([1.0, 1])));
        Assert.Throws<ArgumentException>(() => TotalVariation.Of(tensor([0.0, 0]), tensor([1.0, 1])));
    }

    [Fact]
    public void PerFeature_OfNormalAndConstantAndEqualFeatures_IsTheirDistance()
    {
        var (x, y) = (Normal(20_000, 1, 3), Normal(20_000, 2, 3));
        var shift = tensor([1.0, 0, 0]);
        var (source, target) = (With(x), With(y + shift));

        var found = new TotalVariation { Bins = 40 }.PerFeature(source, target);

        var expected = (2 * MathNet.Numerics.Distributions.Normal.CDF(0, 1, 0.5)) - 1; // 0.383
        Assert.Equal(4, found.Count);
        Assert.Equal(expected, found[0], 0.02);
        Assert.InRange(found[1], 0, 0.05);
        Assert.Equal(0, found[3]);
        Assert.Equal(found, new TotalVariation { Bins = 40 }.PerFeature(source * 1024, target * 1024));

        static Tensor With(Tensor rows) => cat([rows, full([rows.shape[0], 1], 5.0, float64)], 1);
    }

    [Fact]
    public void PerFeature_OfAFewValues_CountsThem()
    {
        // A quarter is 1 in the source, three quarters in the target.
        var source = tensor([0.0, 0, 0, 1]).unsqueeze(1);
        var target = tensor([0.0, 1, 1, 1]).unsqueeze(1);

        Assert.Equal(0.5, new TotalVariation().PerFeature(source, target)[0], 1e-12);
        Assert.Equal(1, new TotalVariation().PerFeature(source, source + 9)[0], 1e-12);
    }

    [Fact]
    public void Noise_OfAlikeDomains_IsWhatHistogramsShow()
    {
        var found = new TotalVariation().PerFeature(Normal(400, 3, 500), Normal(200, 4, 500)).Average();

        Assert.Equal(TotalVariation.Noise(10, 400, 200), found, 0.003);
    }

    [Fact]
    public void LowerBound_OfNormalDomains_ReachesTheDistance()
    {
        var (source, target) = (Normal(3000, 1, 1), Normal(1500, 2, 1) + 2);

        var bound = new TotalVariation().LowerBound(source, target);

        var expected = (2 * MathNet.Numerics.Distributions.Normal.CDF(0, 1, 1)) - 1; // 0.683
        Assert.InRange(expected, bound.Lower, bound.Upper);
        Assert.Equal(expected, bound.Value, 0.03);
    }

    [Fact]
    public void LowerBound_OfDomainsThatNoLineTellsApart_IsNothingButForATree()
    {
        var angle = Uniform(1000, 5) * 2 * Math.PI;
        var ring = cat([angle.cos(), angle.sin()], 1);

        var byLine = new TotalVariation().LowerBound(ring, ring * 3);
        var byTree = new TotalVariation { Classifier = new DecisionTree() }.LowerBound(ring, ring * 3);

        Assert.True(byLine.Value < 0.1, byLine.ToString());
        Assert.True(byTree.Value > 0.9, byTree.ToString());
    }

    [Fact]
    public void LowerBound_OfEqualDomains_HoldsNothing()
    {
        var bound = new TotalVariation().LowerBound(Normal(1000, 1, 5), Normal(1000, 2, 5));

        Assert.Equal(0, bound.Lower);
        Assert.InRange(bound.Value, 0, 0.08);
    }

    [Fact]
    public void LowerBound_OfFewerRowsThanFolds_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new TotalVariation().LowerBound(Normal(10, 1, 2), Normal(3, 2, 2))
        );

    public void Dispose() => scope.Dispose();

    private static Tensor Normal(long rows, long seed, long features)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, features], float64, generator: generator);
    }

    private static Tensor Uniform(long rows, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return rand([rows, 1], float64, generator: generator);
    }
}
