using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.Kernels;
using TransferLearning.Theory;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>What tells of a shift, from as many rows of each domain, 20 features.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("Theory")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class TheoryBenchmarks
{
    private const int Width = 20;
    private const int Permutations = 199;
    private const double Gamma = 0.05;
    private static readonly MaximumMeanDiscrepancyTest _test = new()
    {
        Kernels = [new GaussianKernel(Gamma)],
        Permutations = Permutations,
    };
    private readonly TotalVariation _variation = new();
    private Tensor _source = null!;
    private Tensor _target = null!;

    /// <summary>Rows of each domain.</summary>
    [Params(100, 300)]
    public int Rows { get; set; }

    /// <summary>Makes the rows.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        (_source, _target) = (MadeRows.Normal(Rows, Width), MadeRows.Normal(Rows, Width, shift: 0.4));
        Agreement.Check("two-sample test", Tested, PlainTested);
        Agreement.Check("total variation", Varied, PlainVaried);
    }

    /// <summary>The kernel two-sample test by 199 permutations.</summary>
    [Benchmark]
    [BenchmarkCategory("MMDTest")]
    public void MaximumMeanDiscrepancyTest() => Tested().Dispose();

    /// <summary>The same in plain TorchSharp, one permutation after another.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("MMDTest")]
    public void PlainMaximumMeanDiscrepancyTest() => PlainTested().Dispose();

    /// <summary>The total variation of every feature by itself.</summary>
    [Benchmark]
    [BenchmarkCategory("TotalVariation")]
    public void TotalVariation() => Varied().Dispose();

    /// <summary>The same in plain TorchSharp, one feature after another.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("TotalVariation")]
    public void PlainTotalVariation() => PlainVaried().Dispose();

    // Of domains that differ so much no permutation comes near: the draws do not matter.
    private Tensor Tested()
    {
        var result = _test.Of(_source, _target);
        return tensor(new[] { result.Statistic, result.PValue });
    }

    private Tensor Varied() => tensor(_variation.PerFeature(_source, _target).ToArray());

    private Tensor PlainVaried()
    {
        using var scope = NewDisposeScope();
        var bins = _variation.Bins;
        var ends = tensor(Enumerable.Range(1, bins - 1).Select(bin => 2L * Rows * bin / bins).ToArray());
        Tensor Of(Tensor source, Tensor target)
        {
            var edges = cat([source, target]).sort(0).Values.index_select(0, ends);
            Tensor Shares(Tensor column) =>
                bincount(searchsorted(edges, column, right: true), minlength: bins).to(float64) / Rows;
            return (Shares(source) - Shares(target)).abs().sum() / 2;
        }
        var (s, t) = (_source.t().contiguous(), _target.t().contiguous());
        return stack(Enumerable.Range(0, Width).Select(i => Of(s[i], t[i])).ToArray()).MoveToOuterDisposeScope();
    }

    private Tensor PlainTested()
    {
        using var scope = NewDisposeScope();
        using var generator = new RandomKey(0).Generator();
        var all = cat([_source, _target]);
        var kernel = cdist(all, all).square().mul(-Gamma).exp();
        var signs = cat([full([Rows], 1.0 / Rows, dtype: float64), full([Rows], -1.0 / Rows, dtype: float64)]);
        double Statistic(Tensor dealt) => dealt.dot(kernel.mv(dealt)).item<double>();
        var statistic = Statistic(signs);
        var asLarge = 0;
        for (var i = 0; i < Permutations; i++)
        {
            asLarge += Statistic(signs.index_select(0, randperm(2 * Rows, generator: generator))) >= statistic ? 1 : 0;
        }
        return tensor(new[] { statistic, (1.0 + asLarge) / (1 + Permutations) }).MoveToOuterDisposeScope();
    }
}
