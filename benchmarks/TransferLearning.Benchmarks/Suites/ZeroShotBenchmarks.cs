using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>Maps from rows to descriptions of classes, 128 features, 10 classes, 30 attributes.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("ZeroShot")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class ZeroShotBenchmarks
{
    private const int Width = 128;
    private const int Classes = 10;
    private const int Attributes = 30;
    private Tensor _rows = null!;
    private Tensor _targets = null!;
    private Tensor _descriptions = null!;

    /// <summary>Rows.</summary>
    [Params(500, 5000)]
    public int Rows { get; set; }

    /// <summary>Makes the rows.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        using var labels = MadeRows.Classes(Rows, Classes);
        (_rows, _descriptions) = (MadeRows.Normal(Rows, Width), MadeRows.Normal(Classes, Attributes, shift: 0.4));
        _targets = nn.functional.one_hot(labels, Classes).to(float64).mul_(2).sub_(1);
        Agreement.Check("ESZSL", Bilinear, PlainBilinear);
    }

    /// <summary>ESZSL's closed form.</summary>
    [Benchmark]
    [BenchmarkCategory("ESZSL")]
    public void EmbarrassinglySimpleZeroShot() => Bilinear().Dispose();

    /// <summary>The same in plain TorchSharp, by the two inverses of the paper.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("ESZSL")]
    public void PlainEmbarrassinglySimpleZeroShot() => PlainBilinear().Dispose();

    private Tensor Bilinear() => ZeroShot.EmbarrassinglySimpleZeroShot.Solve(_rows, _targets, _descriptions);

    private Tensor PlainBilinear()
    {
        using var scope = NewDisposeScope();
        static Tensor Inverse(Tensor gram, int width) => linalg.inv(gram + eye(width, dtype: float64));
        return Inverse(_rows.t().matmul(_rows), Width)
            .matmul(_rows.t().matmul(_targets).matmul(_descriptions))
            .matmul(Inverse(_descriptions.t().matmul(_descriptions), Attributes))
            .MoveToOuterDisposeScope();
    }
}
