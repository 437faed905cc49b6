using BenchmarkDotNet.Attributes;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>What one tensor operation costs beside libtorch's own work.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("Steps")]
public class OverheadBenchmarks
{
    private const int Times = 1000;
    private readonly TensorAddition _addition = new(Times);

    /// <summary>One addition of two tensors of one element.</summary>
    [Benchmark(OperationsPerInvoke = Times)]
    public void Add() => _addition.Run();
}
