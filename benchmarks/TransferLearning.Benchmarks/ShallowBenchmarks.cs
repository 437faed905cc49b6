using BenchmarkDotNet.Attributes;

namespace TransferLearning.Benchmarks;

/// <summary>The shallow methods that build an n x n matrix, and how they grow.</summary>
[MemoryDiagnoser]
public class ShallowBenchmarks
{
    private ShallowProblem _matching = null!;
    private ShallowProblem _components = null!;

    /// <summary>Rows: as many source as target rows for matching, half and half for components.</summary>
    [Params(500, 1000, 2000)]
    public int Rows { get; set; }

    /// <summary>Makes the data.</summary>
    [GlobalSetup]
    public void Prepare() =>
        (_matching, _components) = (new ShallowProblem(Rows, Rows), new ShallowProblem(Rows / 2, Rows / 2));

    /// <summary>Kernel mean matching.</summary>
    [Benchmark]
    public void KernelMeanMatching() => _matching.MatchKernelMeans();

    /// <summary>Transfer component analysis.</summary>
    [Benchmark]
    public void TransferComponentAnalysis() => _components.FindTransferComponents();
}
