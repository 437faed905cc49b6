using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class TransferJointMatchingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // SciPy's generalized symmetric solver on the full matrices; inner products leave signs open.
    [Theory]
    [InlineData(1, 1.0, 0.234046929, -0.057543542, 0.147550536)]
    [InlineData(4, 1.0, 0.209841979, 0.00162355, 0.091839561)]
    [InlineData(4, 0.5, 0.225633142, 0.003606033, 0.135374746)]
    public void Fit_WavyRows_GivesTheInnerProductsOfADenseSolver(
        int rounds,
        double factor,
        double own,
        double second,
        double third
    )
    {
        var source = Waves.Source().Inputs;
        var matching = Matching(rounds) with { SourceFactor = factor };
        using var map = matching.Fit(source, Waves.Target());

        // To components of sum of squares 1, not variance 1, over the 21 rows.
        var mapped = map.Extract(source) / Math.Sqrt(21);

        var products = mapped.matmul(mapped[0]);
        Assert.Equal(own, products[0].ToDouble(), 1e-7);
        Assert.Equal(second, products[1].ToDouble(), 1e-7);
        Assert.Equal(third, products[2].ToDouble(), 1e-7);
    }

    [Fact]
    public void Fit_MoreRounds_NeverRaiseTheObjectiveAndSilenceRowsThatAreUnlikeTheTarget()
    {
        // Forty source rows lie as the target does, twenty far away.
        using var generator = new RandomKey(3).Generator();
        var near = randn([40, 3], dtype: float64, generator: generator);
        var far = randn([20, 3], dtype: float64, generator: generator) + tensor([9.0, 0, 0], dtype: float64);
        var (source, target) = (cat([near, far]), randn([50, 3], dtype: float64, generator: generator));
        var rows = cat([source, target]);
        var k = new GaussianKernel(0.5).Matrix(rows, rows);
        var gap = cat([full([60, 1], 1.0 / 60, float64), full([50, 1], -1.0 / 50, float64)]);
        gap /= Math.Sqrt((1.0 / 60) + (1.0 / 50));

        (double Objective, double FarShare) Value(int rounds)
        {
            using var map = Matching(rounds).Fit(source, target);
            var weights = map.Weights / Math.Sqrt(110); // the constraint W'KHKW = I
            var lengths = weights.narrow(0, 0, 60).norm(1);
            var meanGap = gap.t().matmul(k).matmul(weights).square().sum().ToDouble();
            var size = (2 * lengths.sum().ToDouble()) + weights.narrow(0, 60, 50).square().sum().ToDouble();
            return (meanGap + (0.3 * size), (lengths.narrow(0, 40, 20).sum() / lengths.sum()).ToDouble());
        }

        var values = new[] { 1, 2, 4, 8, 16 }.Select(Value).ToList();

        Assert.All(
            values.Zip(values.Skip(1)),
            pair => Assert.True(pair.Second.Objective <= pair.First.Objective * (1 + 1e-6))
        );
        Assert.True(values[^1].FarShare < 0.5 * values[0].FarShare, $"{values[^1].FarShare}, {values[0].FarShare}");
    }

    [Fact]
    public void Fit_OneRoundOfUnitVariance_IsTransferComponentsWithItsRidgeByTheGapsNorm()
    {
        var (source, target) = (Waves.Source().Inputs, Waves.Target());
        var norm = (1.0 / 12) + (1.0 / 9);
        using var matching = Matching(1).Fit(source, target);
        using var components = new TransferComponentAnalysis
        {
            Kernel = new GaussianKernel(0.5),
            Components = 2,
            Ridge = 0.3 * norm,
        }.Fit(source, target);

        Assert.True(matching.Weights.allclose(components.Weights, 1e-7, 1e-9));
    }

    [Theory]
    [InlineData(0, 1.0, "Components")]
    [InlineData(21, 1.0, "Components")]
    [InlineData(2, 0.0, "Sparsity")]
    public void Fit_BadSettings_NamesThem(int components, double sparsity, string name)
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new TransferJointMatching { Components = components, Sparsity = sparsity }.Fit(
                Waves.Source().Inputs,
                Waves.Target()
            )
        );
        Assert.Equal(name, fault.ParamName);
    }

    public void Dispose() => scope.Dispose();

    private static TransferJointMatching Matching(int rounds) =>
        new()
        {
            Kernel = new GaussianKernel(0.5),
            Components = 2,
            Sparsity = 0.3,
            Rounds = rounds,
            Scale = ComponentScale.UnitVariance,
        };
}
