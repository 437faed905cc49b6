using System.Globalization;
using Evaluate.Data;
using Evaluate.Measuring;
using TorchSharp;
using TransferLearning;
using TransferLearning.Augmentation;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.SelfSupervision;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>Self-supervised objectives at equal small cost on 7,500 images of CIFAR-10 (Krizhevsky 2009).</summary>
internal static class SmallImages
{
    private const int Steps = 1000;
    private const int Batch = 64;
    private const int Width = 128;
    private const int Projected = 64;

    /// <summary>Every objective, read by three probes.</summary>
    public static EvaluationTable Table(string data)
    {
        var read = new Lazy<(LabeledDomain Train, LabeledDomain Test)>(() =>
            SmallImageArchive.Read(Path.Combine(data, "cifar10", "cifar10_small_32x32.npz"))
        );
        EvaluationTask Task(Probe probe) =>
            new(probe.Name, _ => new ProbedTask(read.Value.Train, read.Value.Test, probe));
        return new EvaluationTable(
            "cifar",
            "Images of CIFAR-10: what features tell of ten classes",
            string.Create(
                CultureInfo.InvariantCulture,
                $"6,000 images to learn from, 1,500 to judge by. Network: three convolutions of stride 2 with 32, 64 and "
                    + $"{Width} channels, batch normalization and ReLU after each, mean over places; {Steps:N0} steps of "
                    + $"{Batch} images, Adam at 0.001, one seed: far fewer than papers take, so that the table compares "
                    + $"objectives at equal small cost and says nothing of where they end. Views: crop by 4 pixels, flip, "
                    + $"brightness, contrast and saturation by up to 0.4. Heads: {Width}, {Width} and {Projected} with "
                    + $"batch normalization. Other settings are the methods' own, but for MoCo's queue of 2,048 keys, a "
                    + $"share of 0.99 in the averages of MoCo and BYOL, which 1,000 steps ask for, SwAV's 30 "
                    + $"prototypes, and a share of 0.5 that masked autoencoding strikes out; nothing was chosen on these "
                    + $"data. Masked autoencoding, sparse coding and the autoencoder work on images pooled to 16x16 as rows of 768 numbers, the first with a "
                    + $"network of 512 and {Width}, the others with {Width} atoms and {Width} hidden units. Probes: "
                    + $"logistic regression on standardized features; 1 and 20 nearest neighbors by cosine. Supervised "
                    + $"contrast and cross-entropy see the labels of the 6,000. The first probe's fits hold the training. "
                    + $"The 95% interval of a figure is 2.5 points to each side."
            ),
            Measure.Accuracy,
            [
                Task(new Probe("linear probe", new Standardize(), new LogisticRegression())),
                Task(new Probe("1-NN", new UnitLength(), new NearestNeighbor())),
                Task(new Probe("20-NN", new UnitLength(), new NearestNeighbor(20))),
            ],
            [
                Method("random features", (_, net, _, _) => net.Extractor),
                Method("pixels", (_, _, _, _) => new ModulePart(() => nn.Flatten())),
                Trained("SimCLR", net => new NormalizedTemperatureContrast(net.Head, Views) { Domains = Learned }),
                Trained(
                    "MoCo",
                    net => new MomentumContrast(net.Head, net.Extractor.Replica(), net.Head.Replica(), Views)
                    {
                        Domains = Learned,
                        Keys = 2048,
                        Momentum = 0.99,
                    }
                ),
                Trained(
                    "BYOL",
                    net => new BootstrapLatent(net.Head, net.Guess, net.Extractor.Replica(), net.Head.Replica(), Views)
                    {
                        Domains = Learned,
                        Momentum = 0.99,
                    }
                ),
                Trained("SimSiam", net => new SiameseSimilarity(net.Head, net.Guess, Views) { Domains = Learned }),
                Trained("SwAV", net => new SwappedAssignment(net.Head, net.Prototypes, Views) { Domains = Learned }),
                Trained(
                    "CPC",
                    net => new ContrastivePredictiveCoding(net.Lower, net.Context, net.Predictions)
                    {
                        Domains = Learned,
                    }
                ),
                Trained("rotations", net => new RotationPrediction(net.Turns) { Domains = Learned }),
                Method("masked autoencoding", (task, _, options, stop) => Rebuilt(task.Source, options, stop)),
                Mapped(
                    "sparse coding",
                    new SparseCoding
                    {
                        Atoms = Width,
                        Rounds = 10,
                        Iterations = 30,
                    }
                ),
                Mapped("autoencoder", new AutoencoderFeatures { Components = Width, MaxSteps = 60 }),
                Trained("supervised contrast", net => new SupervisedContrast(net.Head, Views)),
                Method(
                    "cross-entropy",
                    (task, net, options, stop) =>
                        Kept(
                            "cross-entropy",
                            net.Extractor,
                            options.Seed,
                            () =>
                                Fit(
                                    net.Extractor,
                                    it => it.Minimize(new CrossEntropy()),
                                    net.Labels,
                                    task.Source,
                                    options,
                                    stop
                                )
                        )
                ),
            ]
        );
    }

    /// <summary>A new network of the table's kind, <c>[n, 3, 32, 32]</c> to <c>[n, 128]</c>.</summary>
    /// <param name="seed">Draws its first values.</param>
    public static ModulePart Network(long seed) => new ImageNetworks(seed).Extractor;

    private const ViewedDomains Learned = ViewedDomains.Sources;

    private static AugmentationSequence Views { get; } =
        new(
            new RandomCrop(),
            new HorizontalFlip(),
            new Brightness { Least = 0.6, Most = 1.4 },
            new Contrast { Least = 0.6, Most = 1.4 },
            new Saturation { Least = 0.6, Most = 1.4 }
        );

    // A method whose features are made once a seed and read by every probe.
    private static EvaluationMethod Method(
        string name,
        Func<ProbedTask, ImageNetworks, FitOptions, CancellationToken, IFeatureExtractor> features
    )
    {
        var made = new Dictionary<long, IFeatureExtractor>();
        return new EvaluationMethod(
            name,
            (data, options, stop) =>
            {
                var task = (ProbedTask)data;
                if (!made.TryGetValue(options.Seed, out var extractor))
                {
                    made[options.Seed] = extractor = features(task, new ImageNetworks(options.Seed), options, stop);
                }

                return new AdaptationBuilder()
                    .Frozen(extractor)
                    .Map(task.Probe.Map)
                    .Learn(task.Probe.Learner)
                    .FitWithoutTarget([task.Source], options, null, stop);
            }
        );
    }

    private static EvaluationMethod Trained(string name, Func<ImageNetworks, ISelfSupervision> objective) =>
        Method(
            name,
            (task, net, options, stop) =>
                Kept(
                    name,
                    net.Extractor,
                    options.Seed,
                    () =>
                        Fit(
                            net.Extractor,
                            it => it.SelfSupervise(objective(net)),
                            net.Labels,
                            task.Source,
                            options,
                            stop
                        )
                )
        );

    // A run that is taken up again needs the networks whose first probe it holds: they lie in a file, which other
    // builds of the library or of this program do not read.
    private static ModulePart Kept(string name, ModulePart extractor, long seed, Action train)
    {
        var build = typeof(AdaptationBuilder).Module.ModuleVersionId;
        var own = typeof(SmallImages).Module.ModuleVersionId;
        var folder = Path.Combine(RepositoryFolder.Path, "artifacts", "evaluate-self-supervised");
        var file = Path.Combine(folder, $"{name}-{seed}-{build:N}-{own:N}.weights");
        if (File.Exists(file))
        {
            _ = extractor.Module.load(file);
            return extractor;
        }

        train();
        Directory.CreateDirectory(folder);
        extractor.Module.save(file + ".new");
        File.Move(file + ".new", file, overwrite: true);
        return extractor;
    }

    private static EvaluationMethod Mapped(string name, IFeatureMapping mapping) =>
        Method(
            name,
            (task, _, options, stop) =>
            {
                var rows = Pooled().Extract(task.Source.Inputs);
                var map = mapping.Fit(new DomainSet([task.Source.WithInputs(rows)]), FitContext.Seeded(options.Seed));
                return ExtractorChain.Of(Pooled(), map.For(DomainId.Source(0)));
            }
        );

    private static IFeatureExtractor Rebuilt(LabeledDomain rows, FitOptions options, CancellationToken stop)
    {
        var pooled = Pooled();
        var vectors = rows.WithInputs(pooled.Extract(rows.Inputs));
        var encoder = new ModulePart(() =>
            nn.Sequential(nn.Linear(768, 512), nn.ReLU(), nn.Linear(512, Width), nn.ReLU())
        );
        var decoder = new ModulePart(() => nn.Sequential(nn.Linear(Width, 512), nn.ReLU(), nn.Linear(512, 768)));
        var unused = new ModulePart(() => nn.Linear(Width, 10));
        Fit(
            encoder,
            it => it.SelfSupervise(new MaskedAutoencoding(decoder) { Share = 0.5, Domains = Learned }),
            unused,
            vectors,
            options,
            stop
        );
        return ExtractorChain.Of(pooled, encoder);
    }

    private static void Fit(
        ModulePart extractor,
        Action<TrainingPhase> configure,
        ModulePart labels,
        LabeledDomain rows,
        FitOptions options,
        CancellationToken stop
    ) =>
        new AdaptationBuilder()
            .Train(
                extractor,
                labels,
                net =>
                    net.Phase(phase =>
                    {
                        phase.Move(extractor, labels);
                        configure(phase);
                    })
            )
            .FitWithoutTarget(
                [rows],
                // What a run says of its classes is of a head that nobody trains here.
                options with
                {
                    Training = new TrainingOptions { Steps = Steps, BatchSize = Batch },
                    Logger = new FitOptions().Logger,
                },
                null,
                stop
            )
            .Dispose();

    // Images pooled to 16x16, centered, as rows of 768 numbers.
    private static ModulePart Pooled() =>
        ((nn.Module<Tensor, Tensor>)nn.Sequential(nn.AvgPool2d(2), nn.Flatten())).AsPart();

    private sealed record Probe(string Name, IFeatureMapping Map, ILabelLearner Learner);

    private sealed record ProbedTask(LabeledDomain Source, LabeledDomain Target, Probe Probe)
        : TaskData(Source, Target);

    /// <summary>The modules of one training, their first values drawn by its seed.</summary>
    private sealed class ImageNetworks
    {
        public ImageNetworks(long seed)
        {
            _ = manual_seed(seed);
            Extractor = new ModulePart(Whole);
            Head = new ModulePart(() =>
                nn.Sequential(
                    nn.Linear(Width, Width),
                    nn.BatchNorm1d(Width),
                    nn.ReLU(),
                    nn.Linear(Width, Projected),
                    nn.BatchNorm1d(Projected)
                )
            );
            // CPC reads the maps of the very extractor that is trained.
            Lower = ((nn.Module<Tensor, Tensor>)Extractor.Module.children().First()).AsPart();
            Guess = new ModulePart(() =>
                nn.Sequential(
                    nn.Linear(Projected, Projected / 4),
                    nn.BatchNorm1d(Projected / 4),
                    nn.ReLU(),
                    nn.Linear(Projected / 4, Projected)
                )
            );
            Context = new ModulePart(() => nn.Sequential(nn.Linear(Width, Width), nn.ReLU()));
            Predictions = new ModulePart(() => nn.Linear(Width, 2 * Width));
            Turns = new ModulePart(() => nn.Linear(Width, 4));
            Labels = new ModulePart(() => nn.Linear(Width, 10));
            Prototypes = new ModulePart(() => nn.Linear(Projected, 30, hasBias: false));
        }

        public ModulePart Extractor { get; }

        public ModulePart Lower { get; }

        public ModulePart Head { get; }

        public ModulePart Guess { get; }

        public ModulePart Context { get; }

        public ModulePart Predictions { get; }

        public ModulePart Turns { get; }

        public ModulePart Labels { get; }

        public ModulePart Prototypes { get; }

        private static nn.Module<Tensor, Tensor> Whole() =>
            nn.Sequential(("maps", Body()), ("mean", nn.AdaptiveAvgPool2d(1)), ("flat", nn.Flatten()));

        private static nn.Module<Tensor, Tensor> Body() =>
            nn.Sequential(
                nn.Conv2d(3, 32, 3, stride: 2, padding: 1),
                nn.BatchNorm2d(32),
                nn.ReLU(),
                nn.Conv2d(32, 64, 3, stride: 2, padding: 1),
                nn.BatchNorm2d(64),
                nn.ReLU(),
                nn.Conv2d(64, Width, 3, stride: 2, padding: 1),
                nn.BatchNorm2d(Width),
                nn.ReLU()
            );
    }
}
