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
    private static readonly KullbackLeiblerImportanceEstimation _climb = new() { Gammas = [Gamma] };
    private Tensor _source = null!;
    private Tensor _target = null!;
    private Tensor _fewTargets = null!;
    private Tensor _centers = null!;

    /// <summary>Rows of each domain.</summary>
    [Params(500, 2000)]
    public int Rows { get; set; }

    /// <summary>Makes the rows.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        (_source, _target) = (MadeRows.Normal(Rows, Width), MadeRows.Normal(Rows, Width, shift: 0.4));
        _fewTargets = _target.narrow(0, 0, Centers).clone();
        using (var drawn = _climb.Fit(_source, _target))
        {
            _centers = drawn.Centers.clone();
        }
        Agreement.Check("uLSIF", Ratio, PlainRatio);
        Agreement.Check("KLIEP", Climbed, PlainClimbed, 1e-5);
        Agreement.Check("classifier weighting", Odds, PlainOdds, 1e-3);
    }

    /// <summary>Kernel mean matching.</summary>
    [Benchmark]
    [BenchmarkCategory("KMM")]
    public void KernelMeanMatching() =>
        new KernelMeanMatching { Kernel = _kernel }
            .Weigh(_source, _target)
            .Dispose();

    /// <summary>KLIEP at one width, 100 drawn centers.</summary>
    [Benchmark]
    [BenchmarkCategory("KLIEP")]
    public void KullbackLeiblerImportanceEstimation() => Climbed().Dispose();

    /// <summary>The same steps in plain TorchSharp, from the same centers.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("KLIEP")]
    public void PlainKullbackLeiblerImportanceEstimation() => PlainClimbed().Dispose();

    /// <summary>Weights by a logistic regression that tells the domains apart.</summary>
    [Benchmark]
    [BenchmarkCategory("Classifier")]
    public void ClassifierWeighting() => Odds().Dispose();

    /// <summary>The same optimum by Newton's steps in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Classifier")]
    public void PlainClassifierWeighting() => PlainOdds().Dispose();

    /// <summary>uLSIF at one width and penalty, 100 centers, which are all target rows there are.</summary>
    [Benchmark]
    [BenchmarkCategory("uLSIF")]
    public void LeastSquaresImportanceFitting() => Ratio().Dispose();

    /// <summary>The same normal equations in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("uLSIF")]
    public void PlainLeastSquaresImportanceFitting() => PlainRatio().Dispose();

    private Tensor Climbed()
    {
        using var ratio = _climb.Fit(_source, _target);
        return ratio.At(_source);
    }

    private Tensor PlainClimbed()
    {
        using var scope = NewDisposeScope();
        var (a, s) = (Kernel(_target, _centers), Kernel(_source, _centers));
        var b = s.mean([0L]);
        var alpha = (b * Centers).reciprocal();
        for (var step = 0; step < _climb.MaxSteps; step++)
        {
            var slopes = a.t().mv(a.mv(alpha).reciprocal()) / (b * Rows);
            if (slopes.max().item<double>() - 1 <= _climb.Tolerance)
            {
                break;
            }
            alpha *= slopes;
        }
        return s.mv(alpha / alpha.dot(b)).MoveToOuterDisposeScope();
    }

    private Tensor Odds() => new ClassifierWeighting().Weigh(_source, _target);

    private Tensor PlainOdds()
    {
        using var scope = NewDisposeScope();
        var isTarget = cat([zeros(Rows), ones(Rows)]);
        var margins = PlainLogistic.Margins(cat([_source, _target]), isTarget);
        return margins.narrow(0, 0, Rows).exp().MoveToOuterDisposeScope();
    }

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
        var (s, t) = (Kernel(_source, _fewTargets), Kernel(_fewTargets, _fewTargets));
        var h = s.t().matmul(s) / _source.shape[0];
        h.diagonal().add_(Penalty);
        var theta = linalg.solve(h, t.mean([0L]).unsqueeze(1)).clamp_min(0);
        return s.matmul(theta).squeeze(1).MoveToOuterDisposeScope();
    }

    private static Tensor Kernel(Tensor rows, Tensor centers) => cdist(rows, centers).square().mul(-Gamma).exp();
}
