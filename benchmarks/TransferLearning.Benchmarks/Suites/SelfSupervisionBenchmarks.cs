using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.SelfSupervision;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>Losses of the projections of two views and their gradients, 128 features, float32.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("SelfSupervision")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class SelfSupervisionBenchmarks
{
    private const int Width = 128;
    private const int Queue = 4096;
    private const double Temperature = 0.1;
    private Tensor _first = null!;
    private Tensor _second = null!;
    private Tensor _queue = null!;

    /// <summary>Rows.</summary>
    [Params(64, 256)]
    public int Rows { get; set; }

    /// <summary>Makes the projections.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        Tensor Projected(long rows, double shift)
        {
            using var drawn = MadeRows.Normal(rows, Width, shift, float32);
            return nn.functional.normalize(drawn);
        }
        _first = Projected(Rows, 0).requires_grad_();
        (_second, _queue) = (Projected(Rows, 0.2), Projected(Queue, 0.4));
        Agreement.Check("NT-Xent", OfContrast, PlainOfContrast, 1e-4);
        Agreement.Check("MoCo", OfMomentum, PlainOfMomentum, 1e-4);
    }

    /// <summary>SimCLR's NT-Xent.</summary>
    [Benchmark]
    [BenchmarkCategory("NTXent")]
    public void NormalizedTemperatureContrast() => OfContrast().Dispose();

    /// <summary>The same in plain TorchSharp, from the similarities of all pairs.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("NTXent")]
    public void PlainNormalizedTemperatureContrast() => PlainOfContrast().Dispose();

    /// <summary>Momentum contrast against a queue of 4,096 keys.</summary>
    [Benchmark]
    [BenchmarkCategory("MoCo")]
    public void MomentumContrast() => OfMomentum().Dispose();

    /// <summary>The same in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("MoCo")]
    public void PlainMomentumContrast() => PlainOfMomentum().Dispose();

    private Tensor OfContrast() =>
        Slope(() => SelfSupervision.NormalizedTemperatureContrast.Of(_first, _second, Temperature));

    private Tensor PlainOfContrast() =>
        Slope(() =>
        {
            var views = nn.functional.normalize(cat([_first, _second]));
            var alike = (views.matmul(views.t()) / Temperature).exp();
            var own = cat([alike.diagonal(Rows), alike.diagonal(-Rows)]);
            return (own / (alike.sum(1) - alike.diagonal())).log().mean().neg();
        });

    private Tensor OfMomentum() =>
        Slope(() => SelfSupervision.MomentumContrast.Of(_first, _second, _queue, Temperature));

    private Tensor PlainOfMomentum() =>
        Slope(() =>
        {
            var logits = cat([(_first * _second).sum(1, keepdim: true), _first.matmul(_queue.t())], dim: 1);
            return nn.functional.cross_entropy(logits / Temperature, zeros(Rows, dtype: int64));
        });

    private Tensor Slope(Func<Tensor> loss)
    {
        using var scope = NewDisposeScope();
        return autograd.grad([loss()], [_first])[0].MoveToOuterDisposeScope();
    }
}
