using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>Losses of further settings and their gradients, 10 classes, float32.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("Settings")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class SettingBenchmarks
{
    private const int Classes = 10;
    private Tensor _scores = null!;
    private Tensor _heads = null!;
    private Tensor _labels = null!;

    /// <summary>Rows.</summary>
    [Params(64, 256)]
    public int Rows { get; set; }

    /// <summary>Makes the logits.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        _scores = MadeRows.Normal(Rows, Classes, type: float32).requires_grad_();
        _heads = MadeRows.Normal(Rows, 2 * Classes, type: float32).requires_grad_();
        _labels = MadeRows.Classes(Rows, Classes);
        Agreement.Check("IRM", OfInvariance, PlainOfInvariance, 1e-4);
        Agreement.Check("OVANet", OfHeads, PlainOfHeads, 1e-4);
    }

    /// <summary>The penalty of invariant risk minimization, from the slope's formula.</summary>
    [Benchmark]
    [BenchmarkCategory("IRM")]
    public void InvariantRisk() => OfInvariance().Dispose();

    /// <summary>The same in plain TorchSharp, by differentiating twice.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("IRM")]
    public void PlainInvariantRisk() => PlainOfInvariance().Dispose();

    /// <summary>OVANet's loss of one classifier against the rest for each class.</summary>
    [Benchmark]
    [BenchmarkCategory("OVANet")]
    public void OneVersusAll() => OfHeads().Dispose();

    /// <summary>The same in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("OVANet")]
    public void PlainOneVersusAll() => PlainOfHeads().Dispose();

    private Tensor OfInvariance() => Slope(() => Settings.InvariantRisk.Of(_scores, _labels), _scores);

    private Tensor PlainOfInvariance() =>
        Slope(
            () =>
            {
                var scale = ones(1, requires_grad: true);
                Tensor SlopeOf(long first)
                {
                    var scores = _scores.slice(0, first, Rows, 2) * scale;
                    var loss = nn.functional.cross_entropy(scores, _labels.slice(0, first, Rows, 2));
                    return autograd.grad([loss], [scale], retain_graph: true, create_graph: true)[0];
                }
                return (SlopeOf(0) * SlopeOf(1)).sum();
            },
            _scores
        );

    private Tensor OfHeads() => Slope(() => Settings.OneVersusAll.Of(_heads, _labels), _heads);

    private Tensor PlainOfHeads() =>
        Slope(
            () =>
            {
                var margins = _heads.narrow(1, Classes, Classes) - _heads.narrow(1, 0, Classes);
                var isOwn = nn.functional.one_hot(_labels, Classes);
                var losses = nn.functional.softplus(margins * (1 - (isOwn * 2)));
                return ((losses * isOwn).sum(1) + (losses * (1 - isOwn)).amax([1L])).mean() / 2;
            },
            _heads
        );

    private Tensor Slope(Func<Tensor> loss, Tensor scores)
    {
        using var scope = NewDisposeScope();
        return autograd.grad([loss()], [scores])[0].MoveToOuterDisposeScope();
    }
}
