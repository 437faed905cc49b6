using System.Reflection;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace Contracts.Tests;

/// <summary>
/// Methods as they come must not depend on the unit of the rows: meters or millimeters, gray values to 1 or to 255.
/// </summary>
public sealed class UnitContracts : IDisposable
{
    private static readonly Type[] Exported = typeof(AdaptationBuilder).Assembly.GetExportedTypes();
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<Type, double> Weightings() => InUnits(typeof(IInstanceWeighting));

    public static TheoryData<Type, double> Mappings() => InUnits(typeof(IFeatureMapping));

    [Theory]
    [MemberData(nameof(Weightings))]
    public void Weighting_OfRowsInAnotherUnit_GivesTheSameWeights(Type type, double unit)
    {
        var expected = Weights(type, 1);
        var actual = Weights(type, unit);

        var difference = (actual - expected).abs().max().item<double>();
        Assert.True(difference < 1e-3, $"weights differ by {difference:G3}.");
    }

    /// <summary>
    /// Up to one factor for both domains: what neighbors, margins and relative penalties see is the same.
    /// </summary>
    [Theory]
    [MemberData(nameof(Mappings))]
    public void Mapping_OfRowsInAnotherUnit_GivesTheSameFeatures(Type type, double unit)
    {
        var expected = Distances(type, 1);
        var actual = Distances(type, unit);

        var difference = (actual - expected).abs().max().item<double>();
        Assert.True(difference < 1e-3, $"distances, divided by their mean, differ by {difference:G3}.");
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Weights(Type type, double unit)
    {
        var (source, target) = Rows(unit);
        var weights = PlainMethods.Make<IInstanceWeighting>(type).Weigh(source, target, FitContext.Seeded(1));
        return weights / weights.mean();
    }

    private static Tensor Distances(Type type, double unit)
    {
        var (source, target) = Rows(unit);
        var map = PlainMethods.Make<IFeatureMapping>(type).Fit(new DomainSet([source], target), FitContext.Seeded(1));
        var features = cat([
            map.For(DomainId.Source(0)).Extract(source.Inputs),
            map.For(DomainId.Target).Extract(target.Inputs),
        ]);
        var distances = cdist(features, features);
        return distances / distances.mean();
    }

    private static (LabeledDomain Source, UnlabeledDomain Target) Rows(double unit)
    {
        using var generator = new RandomKey(3).Generator();
        var labels = arange(60, dtype: int64).remainder(3);
        var centers = randn([3, 24], dtype: float64, generator: generator) * 2;
        var mixing = randn([24, 24], dtype: float64, generator: generator) / 12;
        var source = centers.index_select(0, labels) + randn([60, 24], dtype: float64, generator: generator);
        var target =
            (centers.index_select(0, labels) + randn([60, 24], dtype: float64, generator: generator)).matmul(
                eye(24, dtype: float64) + mixing
            ) + 0.3;
        return (new LabeledDomain(source * unit, labels), new UnlabeledDomain(target * unit));
    }

    private static TheoryData<Type, double> InUnits(Type contract)
    {
        var data = new TheoryData<Type, double>();
        foreach (
            var type in Exported.Where(type =>
                contract.IsAssignableFrom(type) && PlainMethods.Shortest(type) is not null
            )
        )
        {
            data.Add(type, 0.01);
            data.Add(type, 255);
        }
        return data;
    }
}
