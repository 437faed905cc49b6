using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.SelfTraining;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>Losses of a batch's own predictions and their gradients, 31 classes, float32.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("SelfTraining")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class SelfTrainingBenchmarks
{
    private const int Classes = 31;
    private const double Temperature = 2.5;
    private const double Epsilon = 1e-5;
    private Tensor _scores = null!;

    /// <summary>Rows.</summary>
    [Params(64, 256)]
    public int Rows { get; set; }

    /// <summary>Makes the logits.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        _scores = MadeRows.Normal(Rows, Classes, type: float32).mul_(2).requires_grad_();
        Agreement.Check("MCC", OfConfusion, PlainOfConfusion, 1e-4);
        Agreement.Check("BNM", OfNorm, PlainOfNorm, 1e-4);
        Agreement.Check("information maximization", OfInformation, PlainOfInformation, 1e-4);
    }

    /// <summary>MCC's class confusion.</summary>
    [Benchmark]
    [BenchmarkCategory("MCC")]
    public void MinimumClassConfusion() => OfConfusion().Dispose();

    /// <summary>The same in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("MCC")]
    public void PlainMinimumClassConfusion() => PlainOfConfusion().Dispose();

    /// <summary>The nuclear norm of a batch's predictions.</summary>
    [Benchmark]
    [BenchmarkCategory("BNM")]
    public void BatchNuclearNorm() => OfNorm().Dispose();

    /// <summary>The same in plain TorchSharp, by the whole decomposition.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("BNM")]
    public void PlainBatchNuclearNorm() => PlainOfNorm().Dispose();

    /// <summary>Information maximization: sure rows, and a diverse batch.</summary>
    [Benchmark]
    [BenchmarkCategory("IM")]
    public void InformationMaximization() => OfInformation().Dispose();

    /// <summary>The same in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("IM")]
    public void PlainInformationMaximization() => PlainOfInformation().Dispose();

    private Tensor OfConfusion() => Slope(() => SelfTraining.MinimumClassConfusion.Of(_scores, Temperature));

    private Tensor PlainOfConfusion() =>
        Slope(() =>
        {
            var p = (_scores / Temperature).softmax(1);
            var sure = (p * (p + Epsilon).log()).sum(1).exp().detach() + 1;
            var together = p.t().matmul(p * (sure * Rows / sure.sum()).unsqueeze(1));
            together /= together.sum(1, keepdim: true);
            return (together.sum() - together.trace()) / Classes;
        });

    private Tensor OfNorm() => Slope(() => SelfTraining.BatchNuclearNorm.Of(_scores));

    private Tensor PlainOfNorm() =>
        Slope(() =>
        {
            var (_, values, _) = linalg.svd(_scores.softmax(1), fullMatrices: false);
            return values.mean().neg();
        });

    private Tensor OfInformation() => Slope(() => SelfTraining.InformationMaximization.Of(_scores, 1, Epsilon));

    private Tensor PlainOfInformation() =>
        Slope(() =>
        {
            var p = _scores.softmax(1);
            var mean = p.mean([0L]);
            return (mean * (mean + Epsilon).log()).sum() - (p * (p + Epsilon).log()).sum(1).mean();
        });

    private Tensor Slope(Func<Tensor> loss)
    {
        using var scope = NewDisposeScope();
        return autograd.grad([loss()], [_scores])[0].MoveToOuterDisposeScope();
    }
}
