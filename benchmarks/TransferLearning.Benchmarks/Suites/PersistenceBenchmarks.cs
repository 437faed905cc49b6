using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>A model's file: a network of 50,000 parameters, or of 17 million.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("Persistence")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class PersistenceBenchmarks
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private nn.Module<Tensor, Tensor> _extractor = null!;
    private nn.Module<Tensor, Tensor> _predictor = null!;
    private AdaptedModel _model = null!;

    /// <summary>The width of the hidden layer.</summary>
    [Params(200, 4096)]
    public int Width { get; set; }

    /// <summary>Makes the model and its files.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        Directory.CreateDirectory(_folder);
        (_extractor, _predictor) = (nn.Sequential(nn.Linear(Width, Width), nn.ReLU()), nn.Linear(Width, 10));
        _model = new AdaptedModel(_extractor.AsPart(), _predictor.AsPart());
        Save();
        PlainSave();
    }

    /// <summary>Deletes the files.</summary>
    [GlobalCleanup]
    public void Clean()
    {
        _model.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Saves the model.</summary>
    [Benchmark]
    [BenchmarkCategory("Save")]
    public void Save() => _model.Save(PathOf("model"));

    /// <summary>Saves the two networks as TorchSharp does.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Save")]
    public void PlainSave()
    {
        _ = _extractor.save(PathOf("extractor"));
        _ = _predictor.save(PathOf("predictor"));
    }

    /// <summary>Loads the model into its networks.</summary>
    [Benchmark]
    [BenchmarkCategory("Load")]
    public void Load() => AdaptedModel.Load(PathOf("model"), _extractor, _predictor).Dispose();

    /// <summary>Loads the two networks as TorchSharp does.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Load")]
    public void PlainLoad()
    {
        _ = _extractor.load(PathOf("extractor"));
        _ = _predictor.load(PathOf("predictor"));
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
