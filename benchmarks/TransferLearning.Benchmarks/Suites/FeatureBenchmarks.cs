using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.Vision;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>Features of 64 images by a frozen network, some images at a time.</summary>
[MemoryDiagnoser]
[BenchmarkCategory("Features")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class FeatureBenchmarks
{
    private const int Images = 64;
    private readonly nn.Module<Tensor, Tensor> _backbone = Backbones.ResNet18();
    private readonly nn.Module<Tensor, Tensor> _small = ModelBenchmarks.Extractor();
    private AdaptedModel _ofBackbone = null!;
    private AdaptedModel _ofSmall = null!;
    private Tensor _photos = null!;
    private Tensor _digits = null!;

    /// <summary>Images that pass at once.</summary>
    [Params(8, 64)]
    public int BatchSize { get; set; }

    /// <summary>Makes the networks and the images.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        _backbone.eval();
        _small.eval();
        (_ofBackbone, _ofSmall) = (Model(_backbone, 512), Model(_small, 768));
        (_photos, _digits) = (MadeRows.Images(Images, 3, 64), MadeRows.Images(Images, 1, 28));
        Agreement.Check("ResNet-18", OfPhotos, PlainOfPhotos, 1e-5);
        Agreement.Check("LeNet", OfDigits, PlainOfDigits, 1e-5);
    }

    /// <summary>ResNet-18 on images 3x64x64.</summary>
    [Benchmark]
    [BenchmarkCategory("ResNet18")]
    public void ResNet18() => OfPhotos().Dispose();

    /// <summary>The network alone.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("ResNet18")]
    public void PlainResNet18() => PlainOfPhotos().Dispose();

    /// <summary>A network of LeNet's type on images 1x28x28.</summary>
    [Benchmark]
    [BenchmarkCategory("LeNet")]
    public void LeNet() => OfDigits().Dispose();

    /// <summary>The network alone.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("LeNet")]
    public void PlainLeNet() => PlainOfDigits().Dispose();

    private Tensor OfPhotos() => _ofBackbone.Features(_photos, BatchSize);

    private Tensor PlainOfPhotos() => Passed(_backbone, _photos);

    private Tensor OfDigits() => _ofSmall.Features(_digits, BatchSize);

    private Tensor PlainOfDigits() => Passed(_small, _digits);

    private Tensor Passed(nn.Module<Tensor, Tensor> network, Tensor images)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return cat([.. images.split(BatchSize).Select(network.call)]).MoveToOuterDisposeScope();
    }

    private static AdaptedModel Model(nn.Module<Tensor, Tensor> network, long width) =>
        new(network.AsPart(), nn.Linear(width, 10).AsPart());
}
