using TransferLearning.Instance;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

public sealed class KernelMeanMatchingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Theory]
    [InlineData(20, 30, 1, 1000.0, 0.0)]
    [InlineData(40, 10, 3, 2.0, 0.1)]
    [InlineData(60, 60, 5, 1.0, 0.5)]
    [InlineData(600, 600, 500, 2.0, 0.01)]
    public void Weigh_AnyRows_KeepsTheBounds(int n, int m, int d, double bound, double epsilon)
    {
        var (source, target) = (Rows(n, d, 1, 0), Rows(m, d, 2, 1));

        var weights = new KernelMeanMatching { Bound = bound, Epsilon = epsilon }.Weigh(source, target);

        Assert.True(weights.min().item<double>() >= 0 && weights.max().item<double>() <= bound + 1e-9);
        Assert.InRange(weights.mean().item<double>(), 1 - epsilon - 1e-6, 1 + epsilon + 1e-6);
    }

    [Fact]
    public void Weigh_TargetIsSource_LeavesNoGap()
    {
        var rows = Rows(50, 3, 1, 0);
        var kernel = new GaussianKernel(0.5);

        var weights = new KernelMeanMatching { Kernel = kernel, Epsilon = 0 }.Weigh(rows, rows);

        var gap = kernel.Matrix(rows, rows).mv(weights - 1);
        Assert.True((weights - 1).dot(gap).item<double>() < 1e-6);
    }

    [Fact]
    public void Weigh_ShiftedTarget_MovesTheMeanTowardsIt()
    {
        var (source, target) = (Rows(300, 2, 1, 0), Rows(300, 2, 2, 0.8));

        var weights = new KernelMeanMatching { Bound = 20 }.Weigh(source, target);

        var weighted = (source * weights.unsqueeze(1)).sum(dim: 0) / weights.sum();
        Assert.True((weighted - target.mean([0L])).norm().item<double>() < 0.25);
        Assert.True((source.mean([0L]) - target.mean([0L])).norm().item<double>() > 0.9);
    }

    [Theory]
    [InlineData(1e-4)]
    [InlineData(1)]
    [InlineData(1e4)]
    public void Weigh_LinearKernelInAnyUnit_BringsTheMeanToTheTargets(double unit)
    {
        var (source, target) = (Rows(300, 2, 1, 0) * unit, Rows(300, 2, 2, 0.5) * unit);

        var weights = new KernelMeanMatching { Kernel = new LinearKernel(), Bound = 20 }.Weigh(source, target);

        var gap = (source * weights.unsqueeze(1)).mean([0L]) - target.mean([0L]);
        Assert.True(gap.norm().item<double>() < 1e-4 * unit);
    }

    [Fact]
    public void Weigh_PermutedRows_PermutesTheWeights()
    {
        var (source, target) = (Rows(30, 2, 1, 0), Rows(30, 2, 2, 1));
        var order = arange(29, -1, -1, dtype: int64);
        var matching = new KernelMeanMatching { Kernel = new GaussianKernel(1), Bound = 10 };

        var weights = matching.Weigh(source, target);
        var turned = matching.Weigh(source.index_select(0, order), target);

        Assert.True(turned.allclose(weights.index_select(0, order), 1e-5, 1e-5));
    }

    [Fact]
    public void Weigh_BoundBelowTheLeastMean_NamesTheBound()
    {
        var matching = new KernelMeanMatching { Bound = 0.5, Epsilon = 0.1 };

        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            matching.Weigh(Rows(5, 2, 1, 0), Rows(5, 2, 2, 0))
        );

        Assert.Equal("Bound", fault.ParamName);
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Rows(long n, long d, long seed, double offset)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([n, d], dtype: float64, generator: generator) + offset;
    }
}
