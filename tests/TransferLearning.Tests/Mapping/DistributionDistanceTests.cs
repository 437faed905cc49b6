using TransferLearning.Mapping;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>What distances of samples keep, whatever the rows.</summary>
public sealed class DistributionDistanceTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<IDiscrepancy> Distances() =>
        [
            new CentralMomentDiscrepancy(),
            new SlicedWasserstein(),
            new FeaturewiseWasserstein(),
            new EnergyDistance(),
            new FrechetDistance(),
            new LinearDiscrepancy(),
            new SinkhornDivergence(),
            new WassersteinDistance(),
            new WassersteinDistance { Power = 2 },
        ];

    public static TheoryData<IDiscrepancy> Smooth() =>
        [
            new CentralMomentDiscrepancy(),
            new CentralMomentDiscrepancy { RangeWidth = 2 },
            new SlicedWasserstein { TakesRoot = true },
            new FeaturewiseWasserstein { Power = 2 },
            new EnergyDistance(),
            new FrechetDistance(),
            new LinearDiscrepancy { Normalizes = true },
            new WassersteinDistance(),
            new WassersteinDistance { Power = 2, TakesRoot = true },
        ];

    [Theory]
    [MemberData(nameof(Distances))]
    public void Between_OfOneSample_IsZero(IDiscrepancy distance) =>
        Assert.Equal(0, distance.Between(Rows(12, 1), Rows(12, 1)).item<double>(), 1e-9);

    [Fact]
    public void SlicedWasserstein_RootOfOneSample_HasAFiniteGradient()
    {
        var rows = Rows(12, 1).requires_grad_();

        new SlicedWasserstein { TakesRoot = true }
            .Between(rows, rows.detach())
            .backward();

        Assert.True(rows.grad!.isfinite().all().item<bool>());
    }

    [Theory]
    [MemberData(nameof(Distances))]
    public void Between_OfSwappedOrPermutedSamples_IsTheSame(IDiscrepancy distance)
    {
        var (source, target) = (Rows(12, 1), Rows(9, 2) + 1);
        var expected = distance.Between(source, target).item<double>();
        Assert.Equal(expected, distance.Between(target, source).item<double>(), 1e-7);
        Assert.Equal(expected, distance.Between(source.flip(0), target).item<double>(), 1e-7);
    }

    [Theory]
    [MemberData(nameof(Smooth))]
    public void Gradient_IsThatOfFiniteDifferences(IDiscrepancy distance)
    {
        var (source, target) = (Rows(7, 1).requires_grad_(), Rows(9, 2) + 1);
        var gradient = autograd.grad([distance.Between(source, target)], [source])[0];
        var direction = Rows(7, 3);
        const double Step = 1e-6;
        double At(double step) => distance.Between(source.detach() + (direction * step), target).item<double>();
        var expected = (At(Step) - At(-Step)) / (2 * Step);
        Assert.Equal(expected, (gradient * direction).sum().item<double>(), 1e-5 * Math.Max(1, Math.Abs(expected)));
    }

    [Fact]
    public void CentralMomentDiscrepancy_OfWideFeatures_IsThePapersInUnitsOfTheirRange()
    {
        var (source, target) = (Rows(12, 1) * 30, (Rows(9, 2) * 20) + 5);
        var both = cat([source, target]);
        var span = both.max() - both.min();
        var papers = new CentralMomentDiscrepancy { RangeWidth = 1 };

        var expected = papers.Between(source / span, target / span).item<double>();
        Assert.Equal(expected, new CentralMomentDiscrepancy().Between(source, target).item<double>(), 1e-9);
        var (narrow, other) = (source.sigmoid(), target.sigmoid());
        expected = papers.Between(narrow, other).item<double>();
        Assert.Equal(expected, new CentralMomentDiscrepancy().Between(narrow, other).item<double>(), 1e-12);
    }

    [Fact]
    public void CentralMomentDiscrepancy_ARowWithoutWeight_IsNotInTheRange()
    {
        var (source, target) = (Rows(12, 1) * 30, Rows(9, 2) * 20);
        var far = cat([source, full([1, source.shape[1]], 1e4, float64)]);
        var weights = cat([ones(12, float64), zeros(1, float64)]);

        var distance = new CentralMomentDiscrepancy();
        var expected = distance.Between(source, target).item<double>();
        Assert.Equal(expected, distance.BetweenWeighted(far, target, weights).item<double>(), 1e-9);
    }

    [Fact]
    public void FrechetDistance_OfAMovedSample_IsTheMoveSquared()
    {
        var rows = Rows(12, 1);
        Assert.Equal(3 * 0.25, new FrechetDistance().Between(rows, rows + 0.5).item<double>(), 1e-9);
    }

    [Fact]
    public void FeaturewiseWasserstein_OfEqualWeights_IsThePlainOne()
    {
        var (source, target) = (Rows(12, 1).select(1, 0), Rows(9, 2).select(1, 0));
        var distance = new FeaturewiseWasserstein { Power = 2 };
        var plain = distance.Between(source.unsqueeze(1), target.unsqueeze(1));
        var weighted = distance.Between(source, target, ones(12, dtype: float64), ones(9, dtype: float64));
        Assert.Equal(plain.item<double>(), weighted.item<double>(), 1e-12);
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Rows(long count, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([count, 3], dtype: float64, generator: generator);
    }
}
