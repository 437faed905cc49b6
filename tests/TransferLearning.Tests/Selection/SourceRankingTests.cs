using TransferLearning.Selection;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Selection;

/// <summary>Sources at known distances.</summary>
public sealed class SourceRankingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_SourcesAtKnownDistances_RanksAndMeasuresThem()
    {
        LabeledDomain[] sources = [Cloud(600, 1, 6), Cloud(600, 2, 0), Cloud(300, 3, 0.8)];

        var ranking = new SourceRanking().Of(sources, Cloud(500, 4, 0).WithoutLabels());

        Assert.Equal([1, 2, 0], ranking.Select(source => source.Source));
        // Normal domains 0.8 apart: the total variation is 2 Phi(0.4) - 1, the distance twice that.
        Assert.Equal(0.622, ranking[1].Distance, 0.12);
        Assert.InRange(0.622, ranking[1].Low, ranking[1].High);
        Assert.Equal(0, ranking[0].Low);
        Assert.Equal(2, ranking[2].Distance, 0.02);
        Assert.True(ranking[2].Weight < 0.02);
        Assert.Equal(3, ranking.Sum(source => source.Weight), 1e-9);
        Assert.Contains("source 1: distance", ranking[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_SourcesThatAreAllFar_WeighsThemAlike()
    {
        var ranking = new SourceRanking().Of([Cloud(60, 1, 60), Cloud(60, 2, -60)], Cloud(60, 4, 0).WithoutLabels());

        Assert.All(ranking, source => Assert.Equal((2.0, 1.0), (source.Distance, source.Weight)));
        Assert.Equal([0, 1], ranking.Select(source => source.Source));
        Assert.All(ranking, source => Assert.True(source.Low < 2 && source.High == 2));
    }

    [Fact]
    public void Pool_OfARanking_WeighsEverySourcesRows()
    {
        var weighted = Cloud(4, 1, 0).WithWeights(tensor(new[] { 1.0, 3, 2, 2 }));
        LabeledDomain[] sources = [weighted, Cloud(3, 2, 1)];
        RankedSource[] ranking = [new(1, 0.1, 0, 0.2, 1.5), new(0, 1, 0.9, 1.1, 0.5)];

        var pooled = SourceRanking.Pool(sources, ranking);

        Assert.Equal([0.25, 0.75, 0.5, 0.5, 1.5, 1.5, 1.5], pooled.Weights!.data<double>().ToArray());
        Assert.Equal(cat([.. sources.Select(source => source.Inputs)]), pooled.Inputs);
        Assert.Equal(7, pooled.Count);
        var near = SourceRanking.Pool(sources, [ranking[0], new RankedSource(0, 2, 2, 2, 0)]).Weights!;
        Assert.Equal([0, 0, 0, 0, 1.5, 1.5, 1.5], near.data<double>().ToArray());
        Assert.Throws<ArgumentException>(() => SourceRanking.Pool(sources, [ranking[0]]));
        Assert.Throws<ArgumentException>(() => SourceRanking.Pool(sources, [ranking[0], ranking[0]]));
    }

    [Fact]
    public void Of_WhatDoesNotFit_IsRefused()
    {
        var target = Cloud(20, 4, 0).WithoutLabels();
        Assert.Throws<ArgumentException>(() => new SourceRanking().Of([], target));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SourceRanking { Folds = 1 }.Of([Cloud(20, 1, 0)], target));
        Assert.Throws<ArgumentException>(() =>
            new SourceRanking().Of([Cloud(20, 1, 0)], new UnlabeledDomain(rand(9, 5)))
        );
    }

    public void Dispose() => scope.Dispose();

    private static LabeledDomain Cloud(long count, long seed, double shift)
    {
        using var generator = new RandomKey(seed).Generator();
        var rows = randn([count, 3], float64, generator: generator);
        rows.select(1, 1).add_(shift);
        return new LabeledDomain(rows, rows.select(1, 0).gt(0).to(int64), space: LabelSpace.Classes(2));
    }
}
