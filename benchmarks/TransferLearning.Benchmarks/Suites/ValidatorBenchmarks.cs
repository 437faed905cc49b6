using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.Selection;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>Scores of predictions without labels, 10 classes.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("Validators")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class ValidatorBenchmarks
{
    private const int Classes = 10;
    private readonly SoftNeighborhoodDensity _density = new();
    private Tensor _probabilities = null!;

    /// <summary>Rows.</summary>
    [Params(500, 2000)]
    public int Rows { get; set; }

    /// <summary>Makes the predictions.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        using var logits = MadeRows.Normal(Rows, Classes).mul_(3);
        _probabilities = logits.softmax(1);
        Agreement.Check("SND", () => tensor(_density.Of(_probabilities)), () => tensor(PlainDensity()));
        Agreement.Check("entropy", () => tensor(Entropy()), () => tensor(PlainEntropy()));
    }

    /// <summary>Soft neighborhood density.</summary>
    [Benchmark]
    [BenchmarkCategory("SND")]
    public double SoftNeighborhoodDensity() => _density.Of(_probabilities);

    /// <summary>The same in plain TorchSharp, with the whole matrix at once.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("SND")]
    public double PlainSoftNeighborhoodDensity() => PlainDensity();

    /// <summary>Mean entropy.</summary>
    [Benchmark]
    [BenchmarkCategory("Entropy")]
    public double PredictionEntropy() => Entropy();

    /// <summary>The same in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Entropy")]
    public double PlainPredictionEntropy() => PlainEntropy();

    private double Entropy() => Selection.PredictionEntropy.Of(_probabilities);

    private double PlainEntropy()
    {
        using var scope = NewDisposeScope();
        return (_probabilities * _probabilities.log()).sum(1).mean().item<double>();
    }

    private double PlainDensity()
    {
        using var scope = NewDisposeScope();
        var unit = _probabilities / _probabilities.square().sum(1, keepdim: true).sqrt();
        var similarities = unit.matmul(unit.t());
        _ = similarities.diagonal().fill_(-1);
        var shares = (similarities / _density.Temperature).softmax(1);
        return (shares * (shares + _density.Offset).log()).sum(1).mean().neg().item<double>();
    }
}
