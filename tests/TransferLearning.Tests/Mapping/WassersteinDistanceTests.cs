using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Against Python Optimal Transport 0.8.2 and SciPy 1.10.1, and what distances of samples keep.</summary>
public sealed class WassersteinDistanceTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // ot.emd2 with ot.dist(S, T, "euclidean") ** p.
    [Theory]
    [InlineData(1, 1.1185855750086768)]
    [InlineData(2, 1.400721782648665)]
    [InlineData(1.5, 1.2399809026576405)]
    public void Between_OfRows_IsThePeers(double power, double expected)
    {
        var (source, target) = (FormulaRows.Source(), FormulaRows.Target());
        var distance = Recipes.Wasserstein(power);

        Assert.Equal(expected, distance.Between(source, target).item<double>(), 1e-10);
        Assert.Equal(
            Math.Pow(expected, 1 / power),
            (distance with { TakesRoot = true }).Between(source, target).item<double>(),
            1e-10
        );
    }

    // ot.emd2 with masses 1, 2, ..., 14 over their sum.
    [Theory]
    [InlineData(1, 1.1873860328787265)]
    [InlineData(2, 1.5637346660094162)]
    public void BetweenWeighted_OfMasses_IsThePeers(double power, double expected)
    {
        var weights = arange(1, 15, dtype: float64) * 3;

        var found = Recipes.Wasserstein(power).BetweenWeighted(FormulaRows.Source(), FormulaRows.Target(), weights);

        Assert.Equal(expected, found.item<double>(), 1e-10);
    }

    // scipy.stats.wasserstein_distance of the first feature.
    [Fact]
    public void Between_OnTheLine_IsThatOfSortedValues()
    {
        var (source, target) = (FormulaRows.Source().narrow(1, 0, 1), FormulaRows.Target().narrow(1, 0, 1));

        var found = new WassersteinDistance().Between(source, target).item<double>();

        Assert.Equal(0.6589533560599607, found, 1e-10);
        Assert.Equal(new FeaturewiseWasserstein().Between(source, target).item<double>(), found, 1e-10);
        var squared = new FeaturewiseWasserstein { Power = 2 }
            .Between(source, target)
            .item<double>();
        Assert.Equal(
            squared,
            new WassersteinDistance { Power = 2 }
                .Between(source, target)
                .item<double>(),
            1e-10
        );
    }

    [Fact]
    public void Between_OfAMovedSample_IsTheMove()
    {
        var rows = FormulaRows.Source();
        var move = tensor(new[] { 3.0, 0, 4.0 });

        Assert.Equal(5, new WassersteinDistance().Between(rows, rows + move).item<double>(), 1e-9);
        Assert.Equal(
            25,
            new WassersteinDistance { Power = 2 }
                .Between(rows, rows + move)
                .item<double>(),
            1e-9
        );
    }

    [Fact]
    public void Between_OfThreeSamples_KeepsTheTriangleInequality()
    {
        var (first, second) = (FormulaRows.Source(), FormulaRows.Target());
        var third = FormulaRows.Source().narrow(0, 3, 6).square() - 1;
        foreach (var power in new[] { 1.0, 2 })
        {
            var distance = new WassersteinDistance { Power = power, TakesRoot = true };
            double Of(Tensor s, Tensor t) => distance.Between(s, t).item<double>();

            Assert.True(Of(first, second) <= Of(first, third) + Of(third, second) + 1e-12);
        }
    }

    [Fact]
    public void Gradient_OfRowsThatCoincide_IsFinite()
    {
        foreach (var takesRoot in new[] { false, true })
        {
            var rows = FormulaRows.Source().requires_grad_();

            new WassersteinDistance { Power = 1.5, TakesRoot = takesRoot }
                .Between(rows, rows.detach())
                .backward();

            Assert.True(rows.grad!.isfinite().all().item<bool>());
        }
    }

    [Theory]
    [InlineData(1.5)]
    [InlineData(4)]
    [InlineData(20)]
    public void Between_OfAnyPower_IsInTheFeaturesUnit(double power)
    {
        var (first, second) = (FormulaRows.Source(), FormulaRows.Target());
        double Of(Tensor source, Tensor target) =>
            new WassersteinDistance { Power = power, TakesRoot = true }
                .Between(source, target)
                .item<double>();
        var distance = Of(first, second);

        Assert.InRange(distance, 1e-3, 1e3);
        Assert.Equal(1e-30, Of(first * 1e-30, second * 1e-30) / distance, 1e-39);
        Assert.Equal(1e30, Of(first * 1e30, second * 1e30) / distance, 1e21);
        Assert.Equal(0, Of(first, first));
    }

    [Fact]
    public void Between_OfBadInput_IsRefused()
    {
        var rows = FormulaRows.Source();
        Assert.Throws<ArgumentException>("source", () => Recipes.Wasserstein().Between(rows / 0, rows));
        Assert.Throws<ArgumentException>("target", () => Recipes.Wasserstein().Between(rows, rows.narrow(1, 0, 2)));
        Assert.Throws<ArgumentException>(
            "weights",
            () => Recipes.Wasserstein().BetweenWeighted(rows, rows, ones(3, float64))
        );
        Assert.Throws<ArgumentOutOfRangeException>("Power", () => Recipes.Wasserstein(0.5).Between(rows, rows));
    }

    public void Dispose() => scope.Dispose();
}
