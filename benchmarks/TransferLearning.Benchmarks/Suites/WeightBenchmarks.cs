using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.Instance;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>Weights of source rows, 20 features, as many target rows.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("Weights")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class WeightBenchmarks
{
    private const int Width = 20;
    private const double Gamma = 0.05;
    private const double Penalty = 0.1;
    private const int Centers = 100;
    private static readonly GaussianKernel _kernel = new(Gamma);
    private Tensor _source = null!;
    private Tensor _target = null!;
    private Tensor _fewTargets = null!;

    /// <summary>Rows of each domain.</summary>
    [Params(500, 2000)]
    public int Rows { get; set; }

    /// <summary>Makes the rows.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        (_source, _target) = (MadeRows.Normal(Rows, Width), MadeRows.Normal(Rows, Width, shift: 0.4));
        _fewTargets = _target.narrow(0, 0, Centers).clone();
        Agreement.Check("uLSIF", Ratio, PlainRatio);
    }

    /// <summary>Kernel mean matching.</summary>
    [Benchmark]
    [BenchmarkCategory("KMM")]
    public void KernelMeanMatching() =>
        new KernelMeanMatching { Kernel = _kernel }
            .Weigh(_source, _target)
            .Dispose();

    /// <summary>KLIEP at one width.</summary>
    [Benchmark]
    [BenchmarkCategory("KLIEP")]
    public void KullbackLeiblerImportanceEstimation()
    {
        using var ratio = new KullbackLeiblerImportanceEstimation { Gammas = [Gamma] }.Fit(_source, _target);
        ratio.At(_source).Dispose();
    }

    /// <summary>Weights by a logistic regression that tells the domains apart.</summary>
    [Benchmark]
    [BenchmarkCategory("Classifier")]
    public void ClassifierWeighting() => new ClassifierWeighting().Weigh(_source, _target).Dispose();

    /// <summary>uLSIF at one width and penalty, 100 centers, which are all target rows there are.</summary>
    [Benchmark]
    [BenchmarkCategory("uLSIF")]
    public void LeastSquaresImportanceFitting() => Ratio().Dispose();

    /// <summary>The same normal equations in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("uLSIF")]
    public void PlainLeastSquaresImportanceFitting() => PlainRatio().Dispose();

    private Tensor Ratio()
    {
        using var ratio = new LeastSquaresImportanceFitting { Gammas = [Gamma], Penalties = [Penalty] }.Fit(
            _source,
            _fewTargets
        );
        return ratio.At(_source);
    }

    private Tensor PlainRatio()
    {
        using var scope = NewDisposeScope();
        Tensor Kernel(Tensor rows) => cdist(rows, _fewTargets).square().mul(-Gamma).exp();
        var (s, t) = (Kernel(_source), Kernel(_fewTargets));
        var h = s.t().matmul(s) / _source.shape[0];
        h.diagonal().add_(Penalty);
        var theta = linalg.solve(h, t.mean([0L]).unsqueeze(1)).clamp_min(0);
        return s.matmul(theta).squeeze(1).MoveToOuterDisposeScope();
    }
}
