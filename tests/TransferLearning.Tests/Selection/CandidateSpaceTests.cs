using TransferLearning.Predictors;
using TransferLearning.Selection;
using TransferLearning.Training;

namespace TransferLearning.Tests.Selection;

/// <summary>Candidates from axes of settings.</summary>
public sealed class CandidateSpaceTests
{
    private readonly List<(double Weight, string Kind)> made = [];

    [Fact]
    public void Grid_OfTwoAxes_HasEveryCombinationTheLastTurningFastest()
    {
        var grid = Space().Values("kind", "a", "b").LogRange("weight", 0.01, 1, points: 3).Grid();

        Assert.Equal(
            [
                "one, kind a, weight 0.01",
                "one, kind a, weight 0.1",
                "one, kind a, weight 1",
                "one, kind b, weight 0.01",
                "one, kind b, weight 0.1",
                "one, kind b, weight 1",
            ],
            grid.Select(candidate => candidate.Name)
        );
        _ = grid[4].Chain();
        Assert.Equal([(0.1, "b")], made);
    }

    [Fact]
    public void Grid_WithoutAnAxis_IsTheMethodItself() => Assert.Equal("one", Assert.Single(Space().Grid()).Name);

    [Fact]
    public void Drawn_OfALogRange_IsAsOftenInEveryDecadeAndTheNameSaysTheSetting()
    {
        var drawn = Space().Values("kind", "a").LogRange("weight", 0.001, 1).Drawn(300, new RandomKey(3));

        foreach (var candidate in drawn)
        {
            _ = candidate.Chain();
        }
        Assert.Equal(300, drawn.Select(candidate => candidate.Name).Distinct().Count());
        Assert.All(made, one => Assert.InRange(one.Weight, 0.001, 1));
        // 100 are expected in each, give or take 8.
        Assert.InRange(made.Count(one => one.Weight < 0.01), 70, 130);
        Assert.InRange(made.Count(one => one.Weight > 0.1), 70, 130);
        Assert.All(
            made.Zip(drawn),
            pair =>
                Assert.EndsWith(
                    "weight " + pair.First.Weight.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    pair.Second.Name,
                    StringComparison.Ordinal
                )
        );
    }

    [Fact]
    public void Drawn_OfARange_IsAsOftenInEveryPart()
    {
        var drawn = Space().Values("kind", "a").Range("weight", -1, 1).Drawn(200, new RandomKey(4));

        foreach (var candidate in drawn)
        {
            _ = candidate.Chain();
        }
        Assert.InRange(made.Count(one => one.Weight < 0), 70, 130);
    }

    [Fact]
    public void Drawn_TwiceByTheSameKey_IsTheSameAndByAnotherIsNot()
    {
        var space = Space().Values("kind", "a", "b").LogRange("weight", 0.01, 10);

        Assert.Equal(Names(5, 1), Names(5, 1));
        Assert.NotEqual(Names(5, 1), Names(5, 2));

        string[] Names(int count, long seed) => [.. space.Drawn(count, new RandomKey(seed)).Select(one => one.Name)];
    }

    [Fact]
    public void Drawn_AllOfACountedSpace_IsEveryCombinationOnce()
    {
        var space = Space().Values("kind", "a", "b").Values("weight", 1.0, 2.0, 3.0);

        Assert.Equal(
            space.Grid().Select(one => one.Name).Order(StringComparer.Ordinal),
            space.Drawn(6, new RandomKey(1)).Select(one => one.Name).Order(StringComparer.Ordinal)
        );
        Assert.Throws<ArgumentException>("count", () => space.Drawn(7, new RandomKey(1)));
    }

    [Fact]
    public void Drawn_MoreThanARangeHasNumbers_IsRefused() =>
        Assert.Throws<ArgumentException>(
            "count",
            () => Space().Values("kind", "a").Range("weight", 1, 1.02, points: 2).Drawn(9, new RandomKey(1))
        );

    [Fact]
    public void Chain_ForTheOptionsOfAFit_GetsThem()
    {
        FitOptions? seen = null;
        var candidate = new CandidateSpace(
            "one",
            it =>
            {
                seen = it.Options;
                return new AdaptationBuilder().Learn(new LogisticRegression());
            }
        ).Grid()[0];

        _ = candidate.Made(
            new FitOptions
            {
                Seed = 7,
                Training = new TrainingOptions { Epochs = 3 },
            }
        );

        Assert.Equal((7, 3), (seen!.Seed, seen.Training.Epochs));

        // Who gives another chain means that one.
        var other = new AdaptationBuilder().Learn(new NearestNeighbor());
        Assert.Same(other, (candidate with { Chain = () => other }).Made(new FitOptions()));
    }

    [Fact]
    public void Range_WhoseEndsHaveMoreDigits_IsNotLeftByRounding()
    {
        var ends = new List<double>();
        AdaptationBuilder Chain(CandidateSettings settings)
        {
            ends.Add(settings["share"]);
            return new AdaptationBuilder().Learn(new LogisticRegression());
        }
        foreach (var candidate in new CandidateSpace("one", Chain).Range("share", 0.12345, 0.9999, points: 2).Grid())
        {
            _ = candidate.Made(new FitOptions());
        }

        Assert.Equal([0.12345, 0.9999], ends);
    }

    [Fact]
    public void Axes_ThatAreWrong_AreRefusedByName()
    {
        Assert.Throws<ArgumentException>(() => Space().Values<double>("weight"));
        Assert.Throws<ArgumentException>(() => Space().Values("weight", 1, 1));
        Assert.Throws<ArgumentException>(() => Space().Values("weight", 1).Values("weight", 2));
        Assert.Throws<ArgumentException>(() => Space().Range("weight", 1, 1.0001));
        Assert.Throws<ArgumentOutOfRangeException>("low", () => Space().LogRange("weight", 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>("high", () => Space().LogRange("weight", 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>("points", () => Space().LogRange("weight", 1, 2, points: 1));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => Space().Drawn(0, new RandomKey(1)));
        var settings = new CandidateSettings(new Dictionary<string, object?> { ["kind"] = "a" }, new FitOptions());
        Assert.Throws<ArgumentException>("axis", () => settings["weight"]);
        Assert.Throws<ArgumentException>("axis", () => settings["kind"]);
        Assert.Throws<ArgumentException>("axis", () => settings.Of<int>("kind"));
    }

    private CandidateSpace Space() =>
        new(
            "one",
            it =>
            {
                made.Add((it["weight"], it.Of<string>("kind")));
                return new AdaptationBuilder().Learn(new LogisticRegression());
            }
        );
}
