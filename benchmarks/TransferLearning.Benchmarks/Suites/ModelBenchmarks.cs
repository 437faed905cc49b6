using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>What a finished model costs in use: features and scores of rows.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("Models")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class ModelBenchmarks
{
    private const int Classes = 10;
    private nn.Module<Tensor, Tensor> _extractor = null!;
    private nn.Module<Tensor, Tensor> _predictor = null!;
    private AdaptedModel _model = null!;
    private Tensor _images = null!;

    /// <summary>Images 1x28x28.</summary>
    [Params(1, 64, 1024)]
    public int Rows { get; set; }

    /// <summary>Makes the model.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        (_extractor, _predictor) = (Extractor(), nn.Linear(768, Classes));
        _model = new AdaptedModel(_extractor.AsPart(), _predictor.AsPart());
        _images = MadeRows.Images(Rows, 1, 28);
        Agreement.Check("scores", () => _model.Predict(_images), PlainScores);
    }

    /// <summary>Features.</summary>
    [Benchmark]
    [BenchmarkCategory("Features")]
    public void Features() => _model.Features(_images).Dispose();

    /// <summary>The network alone.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Features")]
    public void PlainFeatures()
    {
        using var quiet = no_grad();
        _extractor.call(_images).Dispose();
    }

    /// <summary>Scores.</summary>
    [Benchmark]
    [BenchmarkCategory("Predict")]
    public void Predict() => _model.Predict(_images).Dispose();

    /// <summary>The two networks alone.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Predict")]
    public void PlainPredict() => PlainScores().Dispose();

    private Tensor PlainScores()
    {
        using var quiet = no_grad();
        using var features = _extractor.call(_images);
        return _predictor.call(features);
    }

    internal static nn.Module<Tensor, Tensor> Extractor() =>
        nn.Sequential(
            nn.Conv2d(1, 32, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 48, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten()
        );
}
