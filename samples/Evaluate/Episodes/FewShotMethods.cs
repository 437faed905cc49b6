using Evaluate.Data;
using Evaluate.Tables;
using TransferLearning;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Evaluate.Episodes;

/// <summary>A way to read episodes: a representation, and a rule on top.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Make">Makes, or trains, the representation and the rule.</param>
internal sealed record FewShotMethod(string Name, Func<(IFeatureExtractor Extractor, IFewShotRule Rule)> Make);

/// <summary>Rules on the features of a frozen network, and networks that are trained for the rule.</summary>
internal static class FewShotMethods
{
    /// <summary>How many steps a network is trained.</summary>
    public const int Steps = 1000;

    private const int Seed = 1;

    /// <summary>Rules on features as they are.</summary>
    public static IReadOnlyList<FewShotMethod> OnFeatures { get; } =
    [.. Rules().Select(rule => new FewShotMethod(rule.Name, () => (ExtractorChain.Of(), rule.Rule)))];

    /// <summary>
    /// Rules on a network that learns five classes as usual, and networks that learn them by episodes.
    /// </summary>
    /// <param name="seen">The rows of these classes.</param>
    /// <param name="cancellation">Stops their trainings.</param>
    public static IReadOnlyList<FewShotMethod> OnImages(LabeledDomain seen, CancellationToken cancellation)
    {
        var usual = new Lazy<ModulePart>(() => Usual(seen, cancellation));
        return
        [
            new("random features; prototypes", () => (SmallImages.Network(Seed), new PrototypicalNetwork())),
            .. Rules().Select(rule => new FewShotMethod($"cross-entropy; {rule.Name}", () => (usual.Value, rule.Rule))),
            new("ProtoNet", () => ByEpisodes(seen, new PrototypicalNetwork(), cancellation)),
            new("MatchingNet", () => ByEpisodes(seen, new MatchingNetwork { Temperature = 0.1 }, cancellation)),
            new(
                "RelationNet",
                () =>
                    ByEpisodes(
                        seen,
                        new RelationNetwork(
                            new ModulePart(() => nn.Sequential(nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 1)))
                        ),
                        cancellation
                    )
            ),
        ];
    }

    /// <summary>Images of CIFAR-10: the first five classes to learn from, the last five to read.</summary>
    public static (LabeledDomain Seen, LabeledDomain Novel) Images(string data)
    {
        var (train, test) = SmallImageArchive.Read(Path.Combine(data, "cifar10", "cifar10_small_32x32.npz"));
        return (Classes(train, 0), Classes(test, 5));
    }

    private static LabeledDomain Classes(LabeledDomain rows, int first)
    {
        var labels = rows.Labels;
        var own = labels.ge(first).logical_and(labels.lt(first + 5)).nonzero().squeeze(1);
        return new LabeledDomain(
            rows.Inputs.index_select(0, own),
            labels.index_select(0, own) - first,
            space: LabelSpace.Classes(5)
        );
    }

    private static (string Name, IFewShotRule Rule)[] Rules() =>
        [
            ("prototypes", new PrototypicalNetwork()),
            ("matching", new MatchingNetwork { Temperature = 0.1 }),
            ("Baseline", Recipes.Baseline()),
            ("Baseline++", Recipes.BaselinePlusPlus()),
        ];

    private static ModulePart Usual(LabeledDomain seen, CancellationToken cancellation)
    {
        var extractor = SmallImages.Network(Seed);
        var head = new ModulePart(() => nn.Linear(128, 5));
        Fit(extractor, head, seen, net => net.Minimize(new CrossEntropy()), cancellation);
        return extractor;
    }

    private static (IFeatureExtractor, IFewShotRule) ByEpisodes(
        LabeledDomain seen,
        IFewShotRule rule,
        CancellationToken cancellation
    )
    {
        var extractor = SmallImages.Network(Seed);
        var unused = new ModulePart(() => nn.Linear(128, 5));
        Fit(
            extractor,
            unused,
            seen,
            net =>
                net.Phase(phase =>
                    phase.Move(extractor).Move([.. rule.Learned]).Minimize(new EpisodicTraining(rule, seen))
                ),
            cancellation
        );
        return (extractor, rule);
    }

    private static void Fit(
        ModulePart extractor,
        ModulePart predictor,
        LabeledDomain seen,
        Action<NetworkTraining> configure,
        CancellationToken cancellation
    ) =>
        new AdaptationBuilder()
            .Train(extractor, predictor, configure)
            .FitWithoutTarget(
                [seen],
                new FitOptions
                {
                    Seed = Seed,
                    Training = new TrainingOptions { Steps = Steps, BatchSize = 64 },
                },
                cancellationToken: cancellation
            )
            .Dispose();
}
