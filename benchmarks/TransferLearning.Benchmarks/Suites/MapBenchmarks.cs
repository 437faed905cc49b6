using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>Shallow maps, fitted on as many rows of each domain, 64 features.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("Maps")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class MapBenchmarks
{
    private const int Width = 64;
    private const int Components = 10;
    private const int RoundsOfJda = 10;
    private Tensor _source = null!;
    private Tensor _target = null!;
    private LabeledDomain _labeled = null!;

    /// <summary>Rows of each domain.</summary>
    [Params(250, 1000)]
    public int Rows { get; set; }

    /// <summary>Makes the rows.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        (_source, _target) = (MadeRows.Normal(Rows, Width), MadeRows.Normal(Rows, Width, shift: 0.4));
        _labeled = new LabeledDomain(_source, MadeRows.NoisyClasses(_source));
        Agreement.Check("CORAL", Aligned, PlainAligned);
        Agreement.Check("subspace alignment", InSubspace, PlainInSubspace, 1e-5);
        Agreement.Check("TCA", Transferred, PlainTransferred, 1e-4);
        Agreement.Check("JDA", Jointly, PlainJointly, 1e-4);
    }

    /// <summary>CORAL.</summary>
    [Benchmark]
    [BenchmarkCategory("CORAL")]
    public void CorrelationAlignment() => Aligned().Dispose();

    /// <summary>CORAL in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("CORAL")]
    public void PlainCorrelationAlignment() => PlainAligned().Dispose();

    /// <summary>Subspace alignment.</summary>
    [Benchmark]
    [BenchmarkCategory("SA")]
    public void SubspaceAlignment() => InSubspace().Dispose();

    /// <summary>Subspace alignment in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("SA")]
    public void PlainSubspaceAlignment() => PlainInSubspace().Dispose();

    /// <summary>Transfer component analysis, linear kernel.</summary>
    [Benchmark]
    [BenchmarkCategory("TCA")]
    public void TransferComponentAnalysis() => Transferred().Dispose();

    /// <summary>The same by the dense eigenproblem in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("TCA")]
    public void PlainTransferComponentAnalysis() => PlainTransferred().Dispose();

    /// <summary>Joint distribution adaptation in its primal form, 10 rounds.</summary>
    [Benchmark]
    [BenchmarkCategory("JDA")]
    public void JointDistributionAdaptation() => Jointly().Dispose();

    /// <summary>The same rounds in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("JDA")]
    public void PlainJointDistributionAdaptation() => PlainJointly().Dispose();

    private Tensor Aligned()
    {
        using var map = new CorrelationAlignment { PenaltyScale = PenaltyScale.Absolute }.Fit(_source, _target);
        return map.Extract(_source);
    }

    private Tensor PlainAligned()
    {
        using var scope = NewDisposeScope();
        Tensor Power(Tensor rows, double power)
        {
            var (values, axes) = linalg.eigh(rows.t().cov() + eye(Width, dtype: float64));
            return (axes * values.pow(power)).matmul(axes.t());
        }
        return _source.matmul(Power(_source, -0.5).matmul(Power(_target, 0.5))).MoveToOuterDisposeScope();
    }

    // The signs of axes are arbitrary: distances of target rows to mapped source rows are not.
    private Tensor InSubspace()
    {
        using var scope = NewDisposeScope();
        var (source, target) = new SubspaceAlignment { Components = Components }.Fit(_source, _target);
        var gaps = cdist(source.Extract(_source), target.Extract(_target)).MoveToOuterDisposeScope();
        source.Dispose();
        target.Dispose();
        return gaps;
    }

    private Tensor PlainInSubspace()
    {
        using var scope = NewDisposeScope();
        static Tensor Centered(Tensor rows) => rows - rows.mean([0L]);
        static Tensor Axes(Tensor centered)
        {
            var (_, axes) = linalg.eigh(centered.t().matmul(centered));
            return axes.narrow(1, Width - Components, Components);
        }
        var (s, t) = (Centered(_source), Centered(_target));
        var (ofSource, ofTarget) = (Axes(s), Axes(t));
        return cdist(s.matmul(ofSource).matmul(ofSource.t().matmul(ofTarget)), t.matmul(ofTarget))
            .MoveToOuterDisposeScope();
    }

    private Tensor Transferred()
    {
        using var map = new TransferComponentAnalysis
        {
            Kernel = new LinearKernel(),
            Components = Components,
            PenaltyScale = PenaltyScale.Absolute,
            Scale = ComponentScale.UnitWeights,
        }.Fit(_source, _target);
        using var mapped = map.Extract(_source);
        return mapped.abs();
    }

    private Tensor PlainTransferred()
    {
        using var scope = NewDisposeScope();
        var all = cat([_source, _target]);
        var count = all.shape[0];
        var kernel = all.matmul(all.t());
        var side = cat([full([Rows, 1], 1.0 / Rows, dtype: float64), full([Rows, 1], -1.0 / Rows, dtype: float64)]);
        var center = eye(count, dtype: float64) - (1.0 / count);
        var gap = kernel.matmul(side);
        var left = gap.matmul(gap.t()) + eye(count, dtype: float64);
        var factor = linalg.cholesky(left);
        var spread = kernel.matmul(center).matmul(kernel);
        var half = linalg.solve_triangular(factor, spread, upper: false);
        var (_, vectors) = linalg.eigh(linalg.solve_triangular(factor, half.t(), upper: false));
        var weights = linalg
            .solve_triangular(factor.t(), vectors.narrow(1, count - Components, Components), upper: true)
            .flip(1);
        weights /= weights.square().sum(0, keepdim: true).sqrt();
        return _source.matmul(all.t()).matmul(weights).abs().MoveToOuterDisposeScope();
    }

    private Tensor Jointly()
    {
        using var map = new JointDistributionAdaptation
        {
            Components = Components,
            PenaltyScale = PenaltyScale.Absolute,
            Rounds = RoundsOfJda,
        }.Fit(_labeled, _target);
        using var mapped = map.Extract(_source);
        return mapped.abs();
    }

    private Tensor PlainJointly()
    {
        using var scope = NewDisposeScope();
        const int Classes = 2;
        var all = cat([_source, _target]);
        var spread = all.t().cov() * (all.shape[0] - 1);
        static Tensor Hot(Tensor classes) => nn.functional.one_hot(classes, Classes).to(float64);
        static Tensor Shares(Tensor hot) => hot / hot.sum(0, keepdim: true).clamp_min(1);
        var ofSource = Shares(Hot(_labeled.Labels));
        var gaps = cat([full([Rows, 1], 1.0 / Rows, dtype: float64), full([Rows, 1], -1.0 / Rows, dtype: float64)]);
        var domains = gaps * Math.Sqrt(Classes);
        for (var round = 1; ; round++)
        {
            var apart = all.t().matmul(gaps / gaps.t().matmul(gaps).norm().sqrt());
            var factor = linalg.cholesky(apart.matmul(apart.t()) + eye(Width, dtype: float64));
            var half = linalg.solve_triangular(factor, spread, upper: false);
            var (_, vectors) = linalg.eigh(linalg.solve_triangular(factor, half.t(), upper: false));
            var weights = linalg
                .solve_triangular(factor.t(), vectors.narrow(1, Width - Components, Components), upper: true)
                .flip(1);
            weights /= weights.square().sum(0, keepdim: true).sqrt();
            if (round == RoundsOfJda)
            {
                return _source.matmul(weights).abs().MoveToOuterDisposeScope();
            }
            var mapped = nn.functional.normalize(all.matmul(weights));
            var nearest = cdist(mapped.narrow(0, Rows, Rows), mapped.narrow(0, 0, Rows)).argmin(1);
            var ofTarget = Shares(Hot(_labeled.Labels.index_select(0, nearest)));
            gaps = cat([domains, cat([ofSource, -ofTarget])], dim: 1);
        }
    }
}
