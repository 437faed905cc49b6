using Evaluate.Data;
using Evaluate.Measuring;
using TorchSharp;
using TransferLearning;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>
/// Small networks on the ResNet-18 features of PACS (Li 2017), with frequent and rare classes among the labels.
/// </summary>
internal static class PacsUnevenClasses
{
    // Of the most frequent class against the rarest.
    private const double Ratio = 20;
    private const int Labeled = 40;
    private const int Judged = 30;

    /// <summary>Two domains by themselves, and two pairs.</summary>
    public static EvaluationTable Table(string data)
    {
        var read = PacsFeatures.Reader(data);
        var alone = new[] { "art", "cartoon" }.Select(domain => new EvaluationTask(
            $"{PacsFeatures.Letter(domain)}",
            seed => Alone(read(domain), seed)
        ));
        (string Source, string Target)[] pairs = [("photo", "art"), ("art", "cartoon")];
        var across = pairs.Select(pair => new EvaluationTask(
            $"{PacsFeatures.Letter(pair.Source)} to {PacsFeatures.Letter(pair.Target)}",
            seed => Across(read(pair.Source), read(pair.Target), seed)
        ));
        return new EvaluationTable(
            "pacs-uneven",
            "PACS, rare classes",
            "512 features of photographs (P), paintings (A) and cartoons (C), rows of length sqrt(512). Class c of 0 "
                + "to 6 has 20^(-c/6) times the rows of class 0, among the labeled rows and among those without "
                + "labels: a twentieth for the last one. \"A\": of one domain 30 rows of each class are set aside and "
                + "judged, 40 of class 0 are labeled, the others are not, as in the papers' semi-supervised settings. "
                + "\"P to A\": the source is labeled, all rows of its class 0; of the target 30 rows of each class are "
                + "set aside and judged, the others have no labels. Judged classes are even, so that accuracy is the "
                + "mean of the classes' recalls. Rows are drawn by the seed. Extractor: linear 512 to 256, ReLU, "
                + "dropout 0.5; classifier: linear 256 to 7. 400 steps of batches of 64, Adam at 0.001, the last "
                + "step, three seeds; CReST+ has three generations of that length, each of new networks. Every method "
                + "is its recipe with its defaults; nothing was chosen on these data. The papers train convolutions "
                + "on images of CIFAR for many times as long, most with larger batches of rows without labels, judge "
                + "moving averages of networks, have six generations of CReST+, and know one domain only. Times are of "
                + "one thread while other programs ran, and compare roughly.",
            Measure.Accuracy,
            [.. alone, .. across],
            [
                Method("labels only", it => Recipes.Erm(it.Extractor, it.Predictor)),
                Method("MixMatch", it => Recipes.MixMatch(it.Extractor, it.Predictor, it.Weak)),
                Method("ReMixMatch", it => Recipes.ReMixMatch(it.Extractor, it.Predictor, it.Strong, it.Weak)),
                Method("FixMatch", it => Recipes.FixMatch(it.Extractor, it.Predictor, it.Strong, it.Weak)),
                Method("AdaMatch", it => Recipes.AdaMatch(it.Extractor, it.Predictor, it.Strong, it.Weak)),
                Method("DebiasMatch", it => Recipes.DebiasMatch(it.Extractor, it.Predictor, it.Strong, it.Weak)),
                Method("CReST+", Crest),
                Method("DARP", it => Recipes.Darp(it.Extractor, it.Predictor, it.Strong, it.Weak)),
                Method("ABC", it => Recipes.Abc(it.Extractor, it.Predictor, it.NewPredictor(), it.Strong, it.Weak)),
            ]
        )
        {
            Seeds = 3,
            Baseline = "labels only",
        };
    }

    private static TaskData Alone(LabeledDomain all, int seed)
    {
        var (judged, rest) = all.SplitByClass(Judged, seed);
        var (labeled, others) = rest.SplitByClass(Labeled, seed);
        return new TaskData(labeled.Thinned(Ratio, seed), others.Thinned(Ratio, seed)) { Judged = judged };
    }

    private static TaskData Across(LabeledDomain source, LabeledDomain target, int seed)
    {
        var (judged, rest) = target.SplitByClass(Judged, seed);
        return new TaskData(source.Thinned(Ratio, seed), rest.Thinned(Ratio, seed)) { Judged = judged };
    }

    private static AdaptationBuilder Crest(Networks it) =>
        Recipes.Crest(
            [
                (it.Extractor, it.Predictor),
                (it.NewExtractor(), it.NewPredictor()),
                (it.NewExtractor(), it.NewPredictor()),
            ],
            it.Strong,
            it.Weak
        );

    private static EvaluationMethod Method(string name, Func<Networks, AdaptationBuilder> chain) =>
        new(
            name,
            (data, options, stop) =>
                chain(PacsFeatures.NewNetworks(options.Seed))
                    .Fit(
                        data.Source,
                        data.Target.WithoutLabels(),
                        options with
                        {
                            Training = new TrainingOptions { Steps = 400, BatchSize = 64 },
                        },
                        null,
                        stop
                    )
        );
}
