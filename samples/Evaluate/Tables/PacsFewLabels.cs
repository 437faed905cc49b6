#pragma warning disable TL1001 // experimental methods are measured, too
using Evaluate.Data;
using Evaluate.Measuring;
using TorchSharp;
using TransferLearning;
using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>
/// Small networks on the ResNet-18 features of PACS (Li 2017), with one or three labeled target rows of each class.
/// </summary>
internal static class PacsFewLabels
{
    private const int Classes = 7;

    private static readonly (string Source, string Target)[] _pairs = [("photo", "art"), ("art", "cartoon")];

    /// <summary>Two pairs of domains, one and three labels a class.</summary>
    public static EvaluationTable Table(string data)
    {
        var read = PacsFeatures.Reader(data);
        var tasks = _pairs.SelectMany(pair =>
            new[] { 1, 3 }.Select(few => new EvaluationTask(
                $"{PacsFeatures.Letter(pair.Source)} to {PacsFeatures.Letter(pair.Target)} ({few})",
                seed =>
                {
                    var (labeled, others) = read(pair.Target).SplitByClass(few, seed);
                    return new TaskData(read(pair.Source), others, labeled);
                }
            ))
        );
        return new EvaluationTable(
            "pacs-few-labels",
            "PACS, one or three labeled target rows a class",
            "512 features of photographs (P), paintings (A) and cartoons (C), rows of length sqrt(512). "
                + "\"P to A (3)\": three paintings of each class are labeled, drawn by the seed; the others are seen "
                + "without labels and judged (transductive). Extractor: linear 512 to 256, ReLU, dropout 0.5; classifier: linear 256 "
                + "to 7 (\"cosine\", MME and CDAC: of directions, temperature 0.05); critics: 256, 256, 1. 400 steps "
                + "of batches of 64 rows of each domain, all labeled target rows where there are fewer, Adam at 0.001, "
                + "the last step, three seeds; domain confusion trains as long on the source before. Every method is "
                + "its recipe with its defaults, cross-entropy the mean of the source's and of the labeled target "
                + "rows'; soft labels at the paper's weight of 0.1, Self-Tuning at its authors' weight of 1, with "
                + "strong views. Nothing was chosen on these data. The papers differ: their networks are fine-tuned "
                + "from images, and their views are of images; MME and CDAC stop by three further labeled rows a "
                + "class, on DomainNet and Office-Home; Self-Tuning, DST, FixMatch, curriculum labeling and temporal "
                + "ensembling know one domain only; CBST and MCC have no labeled target rows. Times are of one thread "
                + "while other programs ran, and compare roughly.",
            Measure.Accuracy,
            [.. tasks],
            [.. Rows()]
        )
        {
            Seeds = 3,
            Baseline = "source and few",
        };
    }

    private static IEnumerable<EvaluationMethod> Rows()
    {
        const string Cosine = "source and few, cosine";
        return
        [
            new EvaluationMethod(
                "source only",
                (data, options, stop) =>
                    Plain(PacsFeatures.NewNetworks(options.Seed))
                        .Fit(data.Source, data.Target.WithoutLabels(), Trained(options), null, stop)
            ),
            new EvaluationMethod(
                "the few alone",
                (data, options, stop) =>
                    Plain(PacsFeatures.NewNetworks(options.Seed))
                        .Fit(data.Few!, data.Target.WithoutLabels(), Trained(options), null, stop)
            ),
            Method("source and few", Plain),
            Method(Cosine, it => Recipes.Erm(it.Extractor, Prototypes(it))),
            Method("MME", it => Recipes.Mme(it.Extractor, Prototypes(it))) with
            {
                Baseline = Cosine,
            },
            Method("CDAC", it => Recipes.Cdac(it.Extractor, Prototypes(it), it.Strong, it.Weak)) with
            {
                Baseline = Cosine,
            },
            Method(
                "domain confusion, soft labels",
                it => Recipes.DomainConfusion(it.Extractor, it.Predictor, it.Critic(), softLabels: 0.1)
            ),
            Method(
                "semantic transfer",
                it => Recipes.SemanticTransfer(it.Extractor, it.Predictor, [(IDomainCritic)it.Critic()])
            ),
            Method("Self-Tuning", SelfTuning),
            Method(
                "DST",
                it => Recipes.Dst(it.Extractor, it.Predictor, it.NewPredictor(), it.NewPredictor(), it.Strong, it.Weak)
            ),
            Method("FixMatch", it => Recipes.FixMatch(it.Extractor, it.Predictor, it.Strong, it.Weak)),
            Method("CBST", it => Recipes.Cbst(it.Extractor, it.Predictor)),
            Method("curriculum labeling", it => Recipes.CurriculumLabeling(it.Extractor, it.Predictor)),
            Method("temporal ensembling", it => Recipes.TemporalEnsembling(it.Extractor, it.Predictor, it.Weak)),
            Method(
                "MCC",
                it =>
                    new AdaptationBuilder().Train(
                        it.Extractor,
                        it.Predictor,
                        net => net.Minimize(new CrossEntropy()).Minimize(new MinimumClassConfusion())
                    )
            ),
        ];
    }

    private static AdaptationBuilder Plain(Networks it) => Recipes.Erm(it.Extractor, it.Predictor);

    private static ModulePart Prototypes(Networks it) => new(() => new CosineClassifier(it.Width, Classes));

    private static AdaptationBuilder SelfTuning(Networks it)
    {
        var head = it.NewProjection();
        var contrast = Recipes.SelfTuning(head, it.Extractor.Replica(), head.Replica(), it.Strong, it.Strong);
        return new AdaptationBuilder().Train(
            it.Extractor,
            it.Predictor,
            net =>
            {
                net.Main.Move(head);
                net.Minimize(new CrossEntropy()).Minimize(contrast);
            }
        );
    }

    private static EvaluationMethod Method(string name, Func<Networks, AdaptationBuilder> chain) =>
        new(
            name,
            (data, options, stop) =>
                chain(PacsFeatures.NewNetworks(options.Seed))
                    .FitFewShot(data.Source, data.Target.WithoutLabels(), data.Few!, Trained(options), null, stop)
        );

    // Steps and not epochs: of the few rows alone an epoch is one step.
    private static FitOptions Trained(FitOptions options) =>
        options with
        {
            Training = new TrainingOptions { Steps = 400, BatchSize = 64 },
        };
}
