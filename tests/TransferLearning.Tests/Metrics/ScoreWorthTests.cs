using TransferLearning.Evaluation;

namespace TransferLearning.Tests.Metrics;

/// <summary>What scores of models are worth, by figures counted by hand.</summary>
public sealed class ScoreWorthTests
{
    // Ranks 1 2 3 4 against 1 3 2 4: 1 - 6 (0 + 1 + 1 + 0) / (4 * 15) = 0.8; five pairs alike and one not, 4 / 6.
    [Fact]
    public void Of_WithoutTies_IsCountedByHand()
    {
        var worth = ScoreWorth.Of([0.1, 0.2, 0.3, 0.4], [0.5, 0.7, 0.6, 0.9]);

        Assert.Equal(0.8, worth.Spearman, 1e-12);
        Assert.Equal(4.0 / 6, worth.Kendall, 1e-12);
        Assert.Equal(0, worth.Regret, 1e-12);
        Assert.Equal(4, worth.Count);
    }

    // Scores' ranks 1.5 1.5 3, accuracies' 1 2 3: Pearson 1.5 / sqrt(1.5 * 2). Two pairs alike of the two that the
    // scores tell apart and the three of the accuracies: 2 / sqrt(2 * 3).
    [Fact]
    public void Of_WithATie_SharesTheMeanRank()
    {
        var worth = ScoreWorth.Of([1, 1, 2], [0.2, 0.4, 0.6]);

        Assert.Equal(1.5 / Math.Sqrt(3), worth.Spearman, 1e-12);
        Assert.Equal(2 / Math.Sqrt(6), worth.Kendall, 1e-12);
    }

    [Fact]
    public void Of_TheHighestScoreTwice_RegretsTheirMean() =>
        Assert.Equal(0.9 - ((0.5 + 0.6) / 2), ScoreWorth.Of([2, 2, 1], [0.5, 0.6, 0.9]).Regret, 1e-12);

    // The mean of three times 0.1 is above 0.1 by rounding.
    [Fact]
    public void Of_EqualAccuracies_RegretsNothing() =>
        Assert.Equal(0, ScoreWorth.Of([1, 1, 1], [0.1, 0.1, 0.1]).Regret);

    [Fact]
    public void Of_ScoresTurnedAround_IsTheNegative()
    {
        var worth = ScoreWorth.Of([3, 2, 1], [0.1, 0.2, 0.3]);

        Assert.Equal((-1, -1), (worth.Spearman, worth.Kendall));
        Assert.Equal(0.2, worth.Regret, 1e-12);
    }

    [Fact]
    public void Of_ScoresAllAlike_SaysNothing()
    {
        var worth = ScoreWorth.Of([1, 1, 1], [0.1, 0.2, 0.3]);

        Assert.Equal((0, 0), (worth.Spearman, worth.Kendall));
        Assert.Equal(0.1, worth.Regret, 1e-12);
    }

    [Fact]
    public void Of_ANaN_RanksBehindAllNumbers() =>
        Assert.Equal(ScoreWorth.Of([-9, 2, 3], [0.1, 0.2, 0.3]), ScoreWorth.Of([double.NaN, 2, 3], [0.1, 0.2, 0.3]));

    [Fact]
    public void Mean_OfTwoTasks_CountsEachOnce()
    {
        var mean = ScoreWorth.Mean([new ScoreWorth(1, 0.5, 0.1, 3), new ScoreWorth(0, 0.1, 0.3, 5)]);

        Assert.Equal((0.5, 0.3, 8), (mean.Spearman, mean.Kendall, mean.Count));
        Assert.Equal(0.2, mean.Regret, 1e-12);
        Assert.Contains("regret 20.0 points", mean.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WrongFigures_IsRefused()
    {
        Assert.Throws<ArgumentException>("accuracies", () => ScoreWorth.Of([1, 2], [0.1]));
        Assert.Throws<ArgumentException>("accuracies", () => ScoreWorth.Of([1], [0.1]));
        Assert.Throws<ArgumentException>("accuracies", () => ScoreWorth.Of([1, 2], [0.1, double.NaN]));
        Assert.Throws<ArgumentException>("tasks", () => ScoreWorth.Mean([]));
    }
}
