using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.Consistency;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>Losses of two views' logits and their gradients, 10 classes.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("Consistency")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class ConsistencyBenchmarks
{
    private const int Classes = 10;
    private const double Threshold = 0.5;
    private const double Temperature = 2;
    private Tensor _weak = null!;
    private Tensor _strong = null!;

    /// <summary>Rows.</summary>
    [Params(64, 1024)]
    public int Rows { get; set; }

    /// <summary>Makes the logits.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        _weak = MadeRows.Normal(Rows, Classes, shift: 0.2, type: float32).mul_(2);
        _strong = MadeRows.Normal(Rows, Classes, type: float32).requires_grad_();
        Agreement.Check("FixMatch", OfFixMatch, PlainOfFixMatch, 1e-5);
        Agreement.Check("distillation", OfDistillation, PlainOfDistillation, 1e-5);
    }

    /// <summary>FixMatch's loss.</summary>
    [Benchmark]
    [BenchmarkCategory("FixMatch")]
    public void FixMatch() => OfFixMatch().Dispose();

    /// <summary>The same in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("FixMatch")]
    public void PlainFixMatch() => PlainOfFixMatch().Dispose();

    /// <summary>Distillation at temperature 2.</summary>
    [Benchmark]
    [BenchmarkCategory("Distillation")]
    public void KnowledgeDistillation() => OfDistillation().Dispose();

    /// <summary>The same in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Distillation")]
    public void PlainKnowledgeDistillation() => PlainOfDistillation().Dispose();

    private Tensor OfFixMatch() => Slope(() => Consistency.FixMatch.Of(_weak, _strong, Threshold));

    private Tensor PlainOfFixMatch() =>
        Slope(() =>
        {
            var (confidence, classes) = _weak.softmax(1).max(1);
            var losses = nn.functional.cross_entropy(_strong, classes, reduction: nn.Reduction.None);
            return (losses * confidence.ge(Threshold)).mean();
        });

    private Tensor OfDistillation() => Slope(() => Consistency.KnowledgeDistillation.Of(_strong, _weak, Temperature));

    private Tensor PlainOfDistillation() =>
        Slope(() =>
            nn.functional.kl_div(
                _strong.div(Temperature).log_softmax(1),
                _weak.div(Temperature).softmax(1),
                log_target: false,
                reduction: nn.Reduction.Sum
            ) * (Temperature * Temperature / Rows)
        );

    private Tensor Slope(Func<Tensor> loss)
    {
        using var scope = NewDisposeScope();
        return autograd.grad([loss()], [_strong])[0].MoveToOuterDisposeScope();
    }
}
