using System.Diagnostics;
using TorchSharp;
using TransferLearning;
using TransferLearning.Adversarial;
using TransferLearning.Evaluation;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.SelfTraining;
using TransferLearning.Training;
using TransferLearning.Vision;
using static TorchSharp.torch;

namespace PhotoToArt;

/// <summary>The rows of the story, from a frozen network to an adapted one.</summary>
/// <param name="options">What the command line asks for.</param>
/// <param name="cancellation">Stops between batches.</param>
internal sealed class Story(StoryOptions options, CancellationToken cancellation)
{
    private const int ImagesAtOnce = 64;
    private const int Width = 512;
    private const int Hidden = 256;
    private readonly List<StoryRow> rows = [];

    /// <summary>The labeled images.</summary>
    public ImageFolder Source { get; } = ImageFolder.Open(options.Source);

    /// <summary>The images that are read; their class numbers are the source's.</summary>
    public ImageFolder Target { get; } =
        ImageFolder.Open(options.Target, new ImageFolderOptions { Classes = ImageFolder.Open(options.Source).Classes });

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> Classes => Source.Classes;

    /// <summary>The rows so far.</summary>
    public IReadOnlyList<StoryRow> Rows => rows;

    /// <summary>Source classes, one an image.</summary>
    public Tensor SourceLabels { get; private set; } = null!;

    /// <summary>Target classes; they judge.</summary>
    public Tensor TargetLabels { get; private set; } = null!;

    /// <summary>Fits what stands on frozen features: a minute, most of it for the features.</summary>
    public void ReadFrozen()
    {
        var store = new FeatureStore(Path.Combine(options.Output, "features"));
        using var network = Backbones.PretrainedResNet18();
        LabeledDomain Labeled(ImageFolder images) =>
            store.Labeled(network, images, progress: new FeatureLines(images.Path), cancellationToken: cancellation);
        var (source, judged) = (Labeled(Source), Labeled(Target));
        (SourceLabels, TargetLabels) = (source.Labels, judged.Labels);
        var unit = new AdaptationBuilder().Map(new UnitLength());
        Add("Frozen network, logistic regression", unit.Learn(new LogisticRegression()), source, judged);

        // The features' own length grows with the network: rows of length sqrt(512) suit layers that start at random.
        var (scaled, scaledTarget) = (Scaled(source), Scaled(judged));
        _ = manual_seed(1);
        using var extractor = nn.Sequential(nn.Linear(Width, Hidden), nn.ReLU(), nn.Dropout(0.5));
        using var predictor = nn.Linear(Hidden, Classes.Count);
        Add(
            "Frozen network, small net, composed (DSAN, MCC)",
            new AdaptationBuilder().Train(
                extractor,
                predictor,
                net =>
                    net.Minimize(new CrossEntropy())
                        .Minimize(new LocalMaximumMeanDiscrepancy(), Schedule.SigmoidRamp(gamma: 10))
                        .Minimize(new MinimumClassConfusion())
            ),
            scaled,
            scaledTarget,
            new TrainingOptions
            {
                Epochs = 40,
                BatchSize = 64,
                Optimizer = parameters => optim.Adam(parameters, 1e-3),
            }
        );
    }

    /// <summary>Tunes the whole network: alone, against a conditional critic, and composed.</summary>
    public void Tune()
    {
        Tuned("Fine-tuned", _ => { });
        Tuned(
            "Fine-tuned against a critic (CDAN)",
            net =>
            {
                var critic = nn.Sequential(nn.Linear(Width * Classes.Count, Hidden), nn.ReLU(), nn.Linear(Hidden, 1));
                net.OpposeConditionally(critic.AsPart());
            }
        );
        Tuned(
            "Fine-tuned, composed (DSAN, MCC)",
            net =>
                net.Minimize(new LocalMaximumMeanDiscrepancy(), Schedule.SigmoidRamp(gamma: 10))
                    .Minimize(new MinimumClassConfusion())
        );
    }

    private void Tuned(string name, Action<NetworkTraining> adapt)
    {
        _ = manual_seed(1);
        using var network = Backbones.PretrainedResNet18();
        using var head = nn.Linear(Width, Classes.Count);
        var training = new TrainingOptions
        {
            Epochs = options.Epochs,
            BatchSize = 16,
            Optimizer = parameters => optim.SGD(parameters, 1e-3, momentum: 0.9),
        };
        Add(
            name,
            new AdaptationBuilder().Train(
                network,
                head,
                net =>
                {
                    // The new layer starts at random and moves ten times as fast.
                    net.Minimize(new CrossEntropy())
                        .Optimize(head.AsPart(), parameters => optim.SGD(parameters, 1e-2, momentum: 0.9));
                    adapt(net);
                }
            ),
            Source.Labeled(),
            Target.Labeled(),
            training
        );
    }

    private void Add(
        string name,
        AdaptationBuilder chain,
        LabeledDomain source,
        LabeledDomain judged,
        TrainingOptions? training = null
    )
    {
        var watch = Stopwatch.StartNew();
        var fit = new FitOptions { Training = training ?? new TrainingOptions() };
        using var model = chain.Fit(source, judged.WithoutLabels(), fit, new StageLines(name), cancellation);
        var seconds = watch.Elapsed.TotalSeconds;
        var predicted = Gathered(model.PredictBatches(judged.Rows, ImagesAtOnce)).argmax(1);
        var row = new StoryRow(
            name,
            AccuracyInterval.Of(predicted, TargetLabels),
            seconds,
            predicted,
            Features(model, source.Rows, DomainId.Source(0)),
            Features(model, judged.Rows, DomainId.Target)
        );
        rows.Add(row);
        Console.WriteLine($"{name}: {row.Accuracy}, {seconds:F0} s");
    }

    private static Tensor Features(AdaptedModel model, IRowSource rows, DomainId domain)
    {
        var blocks = new List<Tensor>();
        for (long start = 0; start < rows.Count; start += ImagesAtOnce)
        {
            using var some = rows.Read(arange(start, Math.Min(start + ImagesAtOnce, rows.Count), dtype: int64));
            blocks.Add(model.Features(some, domain));
        }
        return Gathered(blocks);
    }

    private static Tensor Gathered(IEnumerable<Tensor> blocks)
    {
        var all = blocks.ToList();
        var joined = cat(all);
        all.ForEach(block => block.Dispose());
        return joined;
    }

    private static LabeledDomain Scaled(LabeledDomain domain) =>
        domain.WithInputs(nn.functional.normalize(domain.Inputs, dim: 1) * Math.Sqrt(Width));

    private sealed class FeatureLines(string folder) : IProgress<(long Done, long Of)>
    {
        public void Report((long Done, long Of) value) =>
            Console.WriteLine($"features of {folder}: {value.Done} of {value.Of}");
    }

    private sealed class StageLines(string name) : IProgress<TrainingProgress>
    {
        private int last = -1;

        public void Report(TrainingProgress value)
        {
            var tenth = (int)(value.Done * 10);
            if (tenth != last && tenth is > 0 and < 10)
            {
                Console.WriteLine($"{name}: {value.Done:P0}");
            }
            last = tenth;
        }
    }
}
