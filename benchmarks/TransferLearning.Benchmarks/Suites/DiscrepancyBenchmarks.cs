using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>Discrepancies of two batches of features and their gradients, 256 features, float32.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("Discrepancies")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class DiscrepancyBenchmarks
{
    private const int Width = 256;
    private const double Gamma = 1.0 / Width;
    private readonly MaximumMeanDiscrepancy _meanDiscrepancy = new(new GaussianKernel(Gamma));
    private readonly MultiKernelMaximumMeanDiscrepancy _ofManyKernels = new();
    private readonly DeepCorrelationAlignment _ofCovariances = new();
    private Tensor _source = null!;
    private Tensor _target = null!;

    /// <summary>Rows of each domain.</summary>
    [Params(64, 256)]
    public int Rows { get; set; }

    /// <summary>Makes the features.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        _source = MadeRows.Normal(Rows, Width, type: float32).requires_grad_();
        _target = MadeRows.Normal(Rows, Width, shift: 0.4, type: float32).requires_grad_();
        Agreement.Check("MMD", () => Slope(_meanDiscrepancy.Between), () => Slope(PlainMeanDiscrepancy), 1e-4);
        Agreement.Check("MK-MMD", () => Slope(_ofManyKernels.Between), () => Slope(PlainOfManyKernels), 1e-4);
        Agreement.Check("Deep CORAL", () => Slope(_ofCovariances.Between), () => Slope(PlainOfCovariances), 1e-4);
    }

    /// <summary>MMD with a Gaussian kernel.</summary>
    [Benchmark]
    [BenchmarkCategory("MMD")]
    public void MaximumMeanDiscrepancy() => Slope(_meanDiscrepancy.Between).Dispose();

    /// <summary>The same in plain TorchSharp, float64 inside as well.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("MMD")]
    public void PlainMaximumMeanDiscrepancy() => Slope(PlainMeanDiscrepancy).Dispose();

    /// <summary>MK-MMD.</summary>
    [Benchmark]
    [BenchmarkCategory("MK-MMD")]
    public void MultiKernelMaximumMeanDiscrepancy() => Slope(_ofManyKernels.Between).Dispose();

    /// <summary>The same in plain TorchSharp, float64 inside as well.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("MK-MMD")]
    public void PlainMultiKernelMaximumMeanDiscrepancy() => Slope(PlainOfManyKernels).Dispose();

    /// <summary>Deep CORAL.</summary>
    [Benchmark]
    [BenchmarkCategory("DeepCORAL")]
    public void DeepCorrelationAlignment() => Slope(_ofCovariances.Between).Dispose();

    /// <summary>The same in plain TorchSharp, float64 inside as well.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("DeepCORAL")]
    public void PlainDeepCorrelationAlignment() => Slope(PlainOfCovariances).Dispose();

    private Tensor Slope(Func<Tensor, Tensor, Tensor> distance)
    {
        using var scope = NewDisposeScope();
        return autograd.grad([distance(_source, _target)], [_source])[0].MoveToOuterDisposeScope();
    }

    private static Tensor PlainMeanDiscrepancy(Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (s, t) = (source.to(float64), target.to(float64));
        static Tensor Squares(Tensor rows) => rows.square().sum(1, keepdim: true);
        static Tensor Mean(Tensor a, Tensor b) =>
            (Squares(a) + Squares(b).t() - (a.matmul(b.t()) * 2)).clamp_min(0).mul(-Gamma).exp().mean();
        return (Mean(s, s) + Mean(t, t) - (Mean(s, t) * 2)).to(float32).MoveToOuterDisposeScope();
    }

    /// <summary>The unbiased estimate under five kernels whose widths follow the batch.</summary>
    internal static Tensor PlainOfManyKernels(Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        var all = cat([source, target]).to(float64);
        var (n, m) = (source.shape[0], target.shape[0]);
        var squares = all.square().sum(1, keepdim: true);
        var distances = (squares + squares.t() - (all.matmul(all.t()) * 2)).clamp_min(0);
        var width = distances.detach().mean();
        var kernel = zeros_like(distances);
        foreach (var multiplier in new[] { 0.125, 0.25, 0.5, 1, 2 })
        {
            kernel += (distances / (width * (-2 * multiplier))).exp();
        }
        static Tensor Mean(Tensor square) =>
            (square.sum() - square.trace()) / (square.shape[0] * (square.shape[0] - 1.0));
        var (ss, tt) = (kernel.narrow(0, 0, n).narrow(1, 0, n), kernel.narrow(0, n, m).narrow(1, n, m));
        var gap = Mean(ss) + Mean(tt) - (kernel.narrow(0, 0, n).narrow(1, n, m).mean() * 2);
        return gap.to(source.dtype).MoveToOuterDisposeScope();
    }

    private static Tensor PlainOfCovariances(Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        var gap = source.to(float64).t().cov() - target.to(float64).t().cov();
        return (gap.square().sum() / (4.0 * Width * Width)).to(float32).MoveToOuterDisposeScope();
    }
}
