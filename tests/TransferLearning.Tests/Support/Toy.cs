using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Support;

/// <summary>
/// Small made-up domains and networks: classes are Gaussian clouds, the target is the source turned and moved.
/// </summary>
internal static class Toy
{
    /// <summary>Clouds around the corners of a polygon in the first two of d features.</summary>
    public static (Tensor Inputs, Tensor Labels) Clouds(
        long rows,
        long seed,
        int classes = 2,
        int features = 4,
        double angle = 0,
        double offset = 0
    )
    {
        using var generator = new RandomKey(seed).Generator();
        var labels = arange(rows, dtype: int64).remainder(classes);
        var corner = labels.to(float32) * (2 * Math.PI / classes);
        var noise = randn([rows, features], generator: generator) * 0.5;
        var (x, y) = (corner.cos() * 2, corner.sin() * 2);
        var turned = stack(
            [(x * Math.Cos(angle)) - (y * Math.Sin(angle)) + offset, (x * Math.Sin(angle)) + (y * Math.Cos(angle))],
            1
        );
        return (cat([turned, zeros(rows, features - 2)], 1) + noise, labels);
    }

    public static LabeledDomain Source(long rows = 640, long seed = 1, int classes = 2)
    {
        var (inputs, labels) = Clouds(rows, seed, classes);
        return new LabeledDomain(inputs, labels, space: LabelSpace.Classes(classes));
    }

    public static LabeledDomain LabeledTarget(long rows = 80, long seed = 2, int classes = 2)
    {
        var (inputs, labels) = Clouds(rows, seed, classes, angle: 0.6, offset: 0.5);
        return new LabeledDomain(inputs, labels, space: LabelSpace.Classes(classes));
    }

    public static LabeledDomain Images(long rows = 256, long seed = 3)
    {
        using var generator = new RandomKey(seed).Generator();
        var labels = arange(rows, dtype: int64).remainder(2);
        var images = rand([rows, 1, 8, 8], generator: generator) + labels.reshape(-1, 1, 1, 1);
        return new LabeledDomain(images, labels);
    }

    /// <summary>Seeds the global generator, from which modules draw their initial values.</summary>
    public static void SeedModules(long seed) => _ = manual_seed(seed);

    public static ModulePart Extractor(double dropout = 0, bool hasNormalization = false) =>
        new(() =>
            nn.Sequential(
                ("first", nn.Linear(4, 8)),
                ("norm", hasNormalization ? nn.BatchNorm1d(8) : nn.Identity()),
                ("relu", nn.ReLU()),
                ("dropout", nn.Dropout(dropout)),
                ("second", nn.Linear(8, 8)),
                ("end", nn.ReLU())
            )
        );

    public static ModulePart ImageExtractor() =>
        new(() => nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 8), nn.ReLU()));

    public static ModulePart Predictor(int classes = 2) => new(() => nn.Linear(8, classes));

    public static ModulePart Critic() => new(() => nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1)));

    /// <summary>
    /// One step's batches of 8 rows of each source and 6 of the target, for trying an objective by itself.
    /// </summary>
    public static StepContext Step(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        double progress = 1,
        Tensor? weights = null,
        int sources = 1
    )
    {
        LabeledBatch Batch(int number)
        {
            var source = Source(rows: 8, seed: 1 + (10 * number));
            var rows = arange(8, dtype: int64);
            return new LabeledBatch(source.Inputs, source.Labels, DomainId.Source(number), rows, weights, source.Space);
        }
        var target = new UnlabeledBatch(LabeledTarget(rows: 6).Inputs, DomainId.Target, arange(6, dtype: int64));
        var batch = new StepBatch([.. Enumerable.Range(0, sources).Select(Batch)], target);
        return StepContext.For(batch, extractor, predictor, progress);
    }

    /// <summary>Every parameter and buffer of some parts as one array of bytes, for comparisons bit by bit.</summary>
    public static byte[] Bits(params ReadOnlySpan<ITrainable> parts)
    {
        using var scope = NewDisposeScope();
        var bytes = new List<byte>();
        foreach (var part in parts)
        {
            foreach (var (_, value) in part.Module.state_dict())
            {
                bytes.AddRange(value.detach().cpu().contiguous().bytes.ToArray());
            }
        }
        return [.. bytes];
    }
}
