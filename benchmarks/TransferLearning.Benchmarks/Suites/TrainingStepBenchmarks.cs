using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>One training step of a LeNet-type network at batch 64 (+ 64): time and managed allocation.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("Steps")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class TrainingStepBenchmarks
{
    private const int Steps = 50;
    private readonly TrainingSteps _sourceOnly = TrainingSteps.SourceOnly();
    private readonly TrainingSteps _deepAdaptation = TrainingSteps.DeepAdaptation();
    private readonly TrainingSteps _domainAdversarial = TrainingSteps.DomainAdversarial();
    private readonly PlainSteps _plain = new();

    /// <summary>Cross-entropy alone.</summary>
    [Benchmark(OperationsPerInvoke = Steps)]
    [BenchmarkCategory("Source")]
    public void SourceOnly() => _sourceOnly.Run(Steps);

    /// <summary>The same loop in plain TorchSharp.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Steps)]
    [BenchmarkCategory("Source")]
    public void PlainSourceOnly() => _plain.RunSourceOnly(Steps);

    /// <summary>Cross-entropy and multi-kernel MMD.</summary>
    [Benchmark(OperationsPerInvoke = Steps)]
    [BenchmarkCategory("DAN")]
    public void DeepAdaptation() => _deepAdaptation.Run(Steps);

    /// <summary>The same loop in plain TorchSharp.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Steps)]
    [BenchmarkCategory("DAN")]
    public void PlainDeepAdaptation() => _plain.RunDeepAdaptation(Steps);

    /// <summary>Cross-entropy and an opposed critic.</summary>
    [Benchmark(OperationsPerInvoke = Steps)]
    [BenchmarkCategory("DANN")]
    public void DomainAdversarial() => _domainAdversarial.Run(Steps);

    /// <summary>The same loop in plain TorchSharp.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Steps)]
    [BenchmarkCategory("DANN")]
    public void PlainDomainAdversarial() => _plain.RunDomainAdversarial(Steps);
}
