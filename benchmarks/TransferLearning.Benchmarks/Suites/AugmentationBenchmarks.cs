using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using TransferLearning.Augmentation;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>
/// Augmentations of a batch of images 3x32x32, the strong one beside a training step on the same images.
/// </summary>
[MemoryDiagnoser]
[BenchmarkCategory("Augmentations")]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByParams, BenchmarkLogicalGroupRule.ByCategory)]
public class AugmentationBenchmarks
{
    private const int Classes = 10;
    private const double Share = 0.3;
    private static readonly RandomKey _key = new(2);
    private static readonly CutMixBox _box = new(Top: 4, Bottom: 20, Left: 8, Right: 30);
    private readonly RandAugment _randAugment = new();
    private readonly TrivialAugment _trivialAugment = new();
    private readonly CutMix _cutMix = new();
    private LabeledBatch _batch = null!;
    private StepBatch _step = null!;
    private Tensor _partners = null!;
    private IAugmentation _strong = null!;
    private nn.Module<Tensor, Tensor> _network = null!;
    private optim.Optimizer _optimizer = null!;

    /// <summary>Images.</summary>
    [Params(64, 256)]
    public int Rows { get; set; }

    /// <summary>Makes the images.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        using var generator = _key.Generator();
        _batch = new LabeledBatch(
            MadeRows.Images(Rows, 3, 32),
            MadeRows.Classes(Rows, Classes),
            DomainId.Source(0),
            arange(Rows, dtype: int64),
            weights: null,
            LabelSpace.Classes(Classes)
        );
        _step = new StepBatch([_batch], new UnlabeledBatch(_batch.Inputs, DomainId.Target, _batch.Rows));
        _partners = randperm(Rows, generator: generator);
        Agreement.Check("mixup", Mixed, PlainMixed);
        Agreement.Check("CutMix", Pasted, PlainPasted);
        _strong = Recipes.StrongImageAugmentation();
        _network = nn.Sequential(
            nn.Conv2d(3, 32, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 48, 5),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(1200, 100),
            nn.ReLU(),
            nn.Linear(100, 100),
            nn.ReLU(),
            nn.Linear(100, Classes)
        );
        _optimizer = optim.SGD(_network.parameters(), 0.01, momentum: 0.9);
    }

    /// <summary>Mixup with given partners and share.</summary>
    [Benchmark]
    [BenchmarkCategory("Mixup")]
    public void Mixup() => Mixed().Dispose();

    /// <summary>The same in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Mixup")]
    public void PlainMixup() => PlainMixed().Dispose();

    /// <summary>CutMix with given partners and box.</summary>
    [Benchmark]
    [BenchmarkCategory("CutMix")]
    public void CutMix() => Pasted().Dispose();

    /// <summary>The same in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("CutMix")]
    public void PlainCutMix() => PlainPasted().Dispose();

    /// <summary>CutMix, draws included.</summary>
    [Benchmark]
    [BenchmarkCategory("DrawnCutMix")]
    public void DrawnCutMix()
    {
        using var scope = NewDisposeScope();
        _ = _cutMix.Apply(_step, _key);
    }

    /// <summary>RandAugment, two operations for each image.</summary>
    [Benchmark]
    [BenchmarkCategory("RandAugment")]
    public void RandAugment() => _randAugment.Apply(_batch.Inputs, _key).Dispose();

    /// <summary>TrivialAugment, one operation for each image.</summary>
    [Benchmark]
    [BenchmarkCategory("TrivialAugment")]
    public void TrivialAugment() => _trivialAugment.Apply(_batch.Inputs, _key).Dispose();

    /// <summary>FixMatch's strong augmentation: flip, crop, two drawn operations, a covered square.</summary>
    [Benchmark]
    [BenchmarkCategory("Strong")]
    public void StrongImageAugmentation() => _strong.Apply(_batch.Inputs, _key).Dispose();

    /// <summary>A training step of a LeNet-type network on the same images, in plain TorchSharp.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("Strong")]
    public void LeNetStep()
    {
        using var scope = NewDisposeScope();
        _optimizer.zero_grad();
        nn.functional.cross_entropy(_network.call(_batch.Inputs), _batch.Labels).backward();
        _ = _optimizer.step();
    }

    private Tensor Pasted()
    {
        using var scope = NewDisposeScope();
        var mixed = Augmentation.CutMix.Mix(_batch, _partners, _box);
        return cat([mixed.Inputs.flatten(1), mixed.Labels], dim: 1).MoveToOuterDisposeScope();
    }

    private Tensor PlainPasted()
    {
        using var scope = NewDisposeScope();
        var (height, width) = (_box.Bottom - _box.Top, _box.Right - _box.Left);
        Tensor Box(Tensor images) => images.narrow(2, _box.Top, height).narrow(3, _box.Left, width);
        var images = _batch.Inputs.clone();
        Box(images).copy_(Box(_batch.Inputs.index_select(0, _partners)));
        var labels = nn.functional.one_hot(_batch.Labels, Classes).to(float32);
        var share = (double)(height * width) / (images.shape[2] * images.shape[3]);
        var mixed = (labels * (1 - share)) + (labels.index_select(0, _partners) * share);
        return cat([images.flatten(1), mixed], dim: 1).MoveToOuterDisposeScope();
    }

    private Tensor Mixed()
    {
        using var scope = NewDisposeScope();
        var mixed = Augmentation.Mixup.Mix(_batch, _partners, Share);
        return cat([mixed.Inputs.flatten(1), mixed.Labels], dim: 1).MoveToOuterDisposeScope();
    }

    private Tensor PlainMixed()
    {
        using var scope = NewDisposeScope();
        Tensor Mix(Tensor rows) => rows.mul(Share).add(rows.index_select(0, _partners), alpha: 1 - Share);
        var labels = nn.functional.one_hot(_batch.Labels, Classes).to(float32);
        return cat([Mix(_batch.Inputs).flatten(1), Mix(labels)], dim: 1).MoveToOuterDisposeScope();
    }
}
