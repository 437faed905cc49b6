using Evaluate.Measuring;
using TorchSharp;
using TransferLearning;
using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Settings;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>Small networks on the ResNet-18 features of PACS (Li 2017), with other classes in the target.</summary>
internal static class PacsClasses
{
    private const string Protocol =
        "512 features of photographs (P), paintings (A) and cartoons (C), rows of length sqrt(512). Extractor: linear "
        + "512 to 256, ReLU, dropout 0.5; classifier: linear (DANCE: cosine); critics: "
        + "256, 256, 1. 20 epochs of batches of 64, Adam at 0.001, the last epoch, three seeds. Every method is its "
        + "recipe with its defaults; nothing was chosen on these data. All target rows are seen without labels and judged. ";

    private const int Seeds = 3;

    private static readonly (string Source, string Target)[] Pairs =
    [
        ("photo", "art"),
        ("art", "photo"),
        ("art", "cartoon"),
    ];

    /// <summary>The target has two classes more.</summary>
    public static EvaluationTable Open(string data) =>
        new(
            "pacs-open",
            "PACS, open set: five known classes, two unknown",
            Protocol
                + "The source has dogs, elephants, giraffes, guitars and horses, the target houses "
                + "and persons besides, "
                + "which are to be called unknown. \"rejected\": rows of more than half of the "
                + "largest entropy.",
            Measure.HarmonicScore,
            Tasks(data, [0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5, 6]),
            [.. Rejecting(5)]
        )
        {
            Seeds = Seeds,
        };

    /// <summary>The target lacks two classes and has two others.</summary>
    public static EvaluationTable Universal(string data) =>
        new(
            "pacs-universal",
            "PACS, universal: three common classes, two of the source alone, two unknown",
            Protocol
                + "The source has dogs, elephants, giraffes, guitars and horses, the target the "
                + "first three of them, and "
                + "houses and persons, which are to be called unknown. \"rejected\" as above.",
            Measure.HarmonicScore,
            Tasks(data, [0, 1, 2, 3, 4], [0, 1, 2, 5, 6]),
            [.. Rejecting(5)]
        )
        {
            Seeds = Seeds,
        };

    /// <summary>The target lacks four classes.</summary>
    public static EvaluationTable Partial(string data) =>
        new(
            "pacs-partial",
            "PACS, partial: three of seven classes in the target",
            Protocol + "The source has all seven classes, the target dogs, elephants and giraffes.",
            Measure.Accuracy,
            Tasks(data, [0, 1, 2, 3, 4, 5, 6], [0, 1, 2]),
            [
                Method("source only", 7, it => Recipes.Erm(it.Extractor, it.Predictor)),
                Method("DANN", 7, it => Recipes.Dann(it.Extractor, it.Predictor, it.Critic())),
                Method("PADA", 7, it => Recipes.Pada(it.Extractor, it.Predictor, it.Critic())),
                Method("IWAN", 7, it => Recipes.Iwan(it.Extractor, it.Predictor, it.Critic(), it.Critic())),
                Method(
                    "SAN",
                    7,
                    it =>
                        Recipes.San(
                            it.Extractor,
                            it.Predictor,
                            [.. Enumerable.Range(0, 7).Select(_ => (IDomainCritic)it.Critic())]
                        )
                ),
                Method("ETN", 7, it => Recipes.Etn(it.Extractor, it.Predictor, it.Critic(), it.NewPredictor())),
                Method(
                    "MCC",
                    7,
                    it =>
                        new AdaptationBuilder().Train(
                            it.Extractor,
                            it.Predictor,
                            net => net.Minimize(new CrossEntropy()).Minimize(new MinimumClassConfusion())
                        )
                ),
                Method("NRC after source only", 7, it => Recipes.Nrc(it.Extractor, it.Predictor), isSourceFree: true),
            ]
        )
        {
            Seeds = Seeds,
        };

    private static IEnumerable<EvaluationMethod> Rejecting(int known) =>
        [
            Method("source only, rejected", known, it => Recipes.Erm(it.Extractor, it.Predictor).RejectUnknown()),
            Method(
                "DANN, rejected",
                known,
                it => Recipes.Dann(it.Extractor, it.Predictor, it.Critic()).RejectUnknown()
            ),
            WithUnknown("OSBP", known, it => Recipes.Osbp(it.Extractor, it.Predictor)),
            WithUnknown(
                "STA",
                known,
                it =>
                    Recipes.Sta(
                        it.Extractor,
                        it.Predictor,
                        new ModulePart(() => nn.Linear(it.Width, known)),
                        it.Critic(),
                        it.Critic()
                    )
            ),
            Method(
                "OVANet",
                known,
                it =>
                    Recipes.OvaNet(
                        it.Extractor,
                        it.Predictor,
                        new ModulePart(() => nn.Linear(it.Width, 2 * known, hasBias: false))
                    )
            ),
            Method(
                "DANCE",
                known,
                it => Recipes.Dance(it.Extractor, new ModulePart(() => new CosineClassifier(it.Width, known)))
            ),
            Method("UAN", known, it => Recipes.Uan(it.Extractor, it.Predictor, it.Critic(), it.Critic())),
        ];

    // The classifier has an output for "unknown".
    private static EvaluationMethod WithUnknown(string name, int known, Func<Networks, AdaptationBuilder> chain) =>
        new(
            name,
            (data, options, stop) =>
                chain(PacsFeatures.NewNetworks(options.Seed, known + 1))
                    .Fit(
                        data.Source.WithUnknown(),
                        data.Target.WithoutLabels(),
                        PacsFeatures.Trained(options, epochs: 20),
                        null,
                        stop
                    )
        );

    private static EvaluationMethod Method(
        string name,
        int classes,
        Func<Networks, AdaptationBuilder> chain,
        bool isSourceFree = false
    ) =>
        new(
            name,
            (data, options, stop) =>
            {
                var it = PacsFeatures.NewNetworks(options.Seed, classes);
                var target = data.Target.WithoutLabels();
                if (!isSourceFree)
                {
                    return chain(it).Fit(data.Source, target, PacsFeatures.Trained(options, epochs: 20), null, stop);
                }
                Recipes
                    .Erm(it.Extractor, it.Predictor)
                    .Fit(data.Source, target, PacsFeatures.Trained(options, epochs: 20), null, stop)
                    .Dispose();
                return chain(it)
                    .FitSourceFree(target, data.Source.Space, PacsFeatures.Trained(options, epochs: 20), null, stop);
            }
        );

    private static EvaluationTask[] Tasks(string data, long[] ofSource, long[] ofTarget)
    {
        var read = PacsFeatures.Reader(data);
        return
        [
            .. Pairs.Select(pair => new EvaluationTask(
                $"{PacsFeatures.Letter(pair.Source)} to {PacsFeatures.Letter(pair.Target)}",
                _ => new TaskData(Some(read(pair.Source), ofSource), Some(read(pair.Target), ofTarget))
            )),
        ];
    }

    // Rows of some classes; the first ones keep their numbers.
    private static LabeledDomain Some(LabeledDomain all, long[] classes)
    {
        using var scope = NewDisposeScope();
        var which = isin(all.Labels, tensor(classes)).nonzero().squeeze(1);
        return new LabeledDomain(
            all.Inputs.index_select(0, which).MoveToOuterDisposeScope(),
            all.Labels.index_select(0, which).MoveToOuterDisposeScope(),
            space: LabelSpace.Classes(classes.Max() + 1)
        );
    }
}
