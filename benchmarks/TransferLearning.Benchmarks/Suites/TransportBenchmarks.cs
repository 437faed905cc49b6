using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>Transport plans between as many rows, squared Euclidean cost.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("Transport")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class TransportBenchmarks
{
    private const int Width = 20;
    private const double Regularization = 5;
    private const double Tolerance = 1e-9;
    private Tensor _cost = null!;

    /// <summary>Rows of each domain.</summary>
    [Params(250, 1000)]
    public int Rows { get; set; }

    /// <summary>Makes the costs.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        using var source = MadeRows.Normal(Rows, Width);
        using var target = MadeRows.Normal(Rows, Width, shift: 0.4);
        _cost = SquaredDistances.Between(source, target);
        Agreement.Check("Sinkhorn", Entropic, PlainEntropic);
    }

    /// <summary>Exact transport.</summary>
    [Benchmark]
    [BenchmarkCategory("Exact")]
    public void ExactTransport() => new ExactTransport().Plan(new TransportProblem(_cost)).Dispose();

    /// <summary>Entropic transport.</summary>
    [Benchmark]
    [BenchmarkCategory("Sinkhorn")]
    public void EntropicTransport() => Entropic().Dispose();

    /// <summary>Sinkhorn's scalings in plain TorchSharp, to the same marginal error.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Sinkhorn")]
    public void PlainEntropicTransport() => PlainEntropic().Dispose();

    private Tensor Entropic() =>
        new EntropicTransport(Regularization) { Tolerance = Tolerance }.Plan(new TransportProblem(_cost));

    private Tensor PlainEntropic()
    {
        using var scope = NewDisposeScope();
        var kernel = (_cost / -Regularization).exp();
        var share = full([Rows, 1], 1.0 / Rows, dtype: float64);
        var (u, v) = (share, share);
        for (var round = 0; ; round++)
        {
            using var one = NewDisposeScope();
            u = share / kernel.matmul(v);
            v = share / kernel.t().matmul(u);
            if (round % 10 == 9 && ((u * kernel.matmul(v)) - share).abs().sum().item<double>() < Tolerance)
            {
                return (u * kernel * v.t()).MoveToOuterDisposeScope().MoveToOuterDisposeScope();
            }
            (u, v) = (u.MoveToOuterDisposeScope(), v.MoveToOuterDisposeScope());
        }
    }
}
