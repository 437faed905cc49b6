using BenchmarkDotNet.Attributes;

namespace TransferLearning.Benchmarks;

/// <summary>One training step of a LeNet-type network at batch 64 (+ 64): time and managed allocation.</summary>
[MemoryDiagnoser]
public class TrainingStepBenchmarks
{
    private const int Steps = 50;
    private readonly TrainingSteps _sourceOnly = TrainingSteps.SourceOnly();
    private readonly TrainingSteps _deepAdaptation = TrainingSteps.DeepAdaptation();
    private readonly TrainingSteps _domainAdversarial = TrainingSteps.DomainAdversarial();

    /// <summary>Cross-entropy alone.</summary>
    [Benchmark(OperationsPerInvoke = Steps)]
    public void SourceOnly() => _sourceOnly.Run(Steps);

    /// <summary>Cross-entropy and multi-kernel MMD.</summary>
    [Benchmark(OperationsPerInvoke = Steps)]
    public void DeepAdaptation() => _deepAdaptation.Run(Steps);

    /// <summary>Cross-entropy and an opposed critic.</summary>
    [Benchmark(OperationsPerInvoke = Steps)]
    public void DomainAdversarial() => _domainAdversarial.Run(Steps);
}
