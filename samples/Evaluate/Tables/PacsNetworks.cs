using Evaluate.Measuring;
using TorchSharp;
using TransferLearning;
using TransferLearning.Adversarial;
using TransferLearning.Augmentation;
using TransferLearning.Consistency;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>Small networks on the ResNet-18 features of PACS (Li 2017): deep adaptation that a processor can afford.</summary>
internal static class PacsNetworks
{
    /// <summary>All six pairs of photographs, paintings and cartoons, every method as its recipe makes it.</summary>
    public static EvaluationTable Table(string data)
    {
        var read = PacsFeatures.Reader(data);
        var tasks = PacsFeatures.Domains.SelectMany(source =>
            PacsFeatures
                .Domains.Where(target => target != source)
                .Select(target => new EvaluationTask(
                    $"{PacsFeatures.Letter(source)} to {PacsFeatures.Letter(target)}",
                    _ => new TaskData(read(source), read(target))
                ))
        );
        return new EvaluationTable(
            "pacs-networks",
            "PACS, networks on ResNet-18 features",
            "512 features of photographs (P), paintings (A) and cartoons (C), rows of length sqrt(512). Extractor: "
                + "linear 512 to 256, ReLU, dropout 0.5; classifier: linear 256 to 7; critics: 256, 256, 1. 40 epochs "
                + "of batches of 64, Adam at 0.001, the last epoch. Every method is its recipe with its defaults; "
                + "nothing was chosen on these data. Views of rows are the recipes' weak and strong views of features. "
                + "All target rows are seen without labels and judged (transductive). The compositions put together "
                + "recipes that stand above them, with their weights.",
            Measure.Accuracy,
            [.. tasks],
            [.. Plain(), .. Mapping(), .. Adversarial(), .. SelfTraining(), .. Consistency(), .. Composed()]
        );
    }

    private static IEnumerable<EvaluationMethod> Plain() =>
        [Method("source only", it => Of(it, net => net.Minimize(new CrossEntropy())))];

    private static IEnumerable<EvaluationMethod> Mapping() =>
        [
            Method("DAN", it => Recipes.Dan(it.Extractor, it.Predictor)),
            Method("JAN", it => Recipes.Jan(it.Extractor, it.Predictor)),
            Method("DSAN", it => Recipes.Dsan(it.Extractor, it.Predictor)),
            Method("Deep CORAL", it => Recipes.DeepCoral(it.Extractor, it.Predictor)),
            Method("CMD", it => Recipes.Cmd(it.Extractor, it.Predictor)),
            Method("DeepJDOT", it => Recipes.DeepJdot(it.Extractor, it.Predictor)),
            Method("AFN", it => Recipes.Afn(it.Extractor, it.Predictor)),
            Method("CAN", it => Recipes.Can(it.Extractor, it.Predictor)),
        ];

    private static IEnumerable<EvaluationMethod> Adversarial() =>
        [
            Method("DANN", it => Recipes.Dann(it.Extractor, it.Predictor, it.Critic())),
            Method("CDAN", it => Recipes.Cdan(it.Extractor, it.Predictor, it.Critic(it.Width * it.Classes))),
            Method(
                "CDAN+E",
                it =>
                    Recipes.Cdan(
                        it.Extractor,
                        it.Predictor,
                        it.Critic(it.Width * it.Classes),
                        entropy: EntropyConditioning.Joint
                    )
            ),
            Method("WDGRL", it => Recipes.Wdgrl(it.Extractor, it.Predictor, it.Critic())),
            Method("ADDA", it => Recipes.Adda(it.Extractor, it.Predictor, it.Critic())),
            Method("MCD", it => Recipes.Mcd(it.Extractor, it.Predictor, it.NewPredictor())),
            Method("MDD", it => Recipes.Mdd(it.Extractor, it.Predictor, it.NewPredictor())),
            Method("BSP", it => Recipes.Bsp(it.Extractor, it.Predictor, it.Critic())),
            Method("ADVENT", it => Recipes.Advent(it.Extractor, it.Predictor, it.Critic(it.Classes))),
            Method(
                "DAAN",
                it =>
                    Recipes.Daan(
                        it.Extractor,
                        it.Predictor,
                        it.Critic(),
                        [.. Enumerable.Range(0, it.Classes).Select(_ => it.Critic())]
                    )
            ),
            Method(
                "GVB",
                it =>
                    Recipes.Gvb(
                        it.Extractor,
                        new Bridged(it.Width, it.Classes),
                        new Bridged(it.Width, 1, nn.Sequential(nn.Linear(it.Classes, it.Width), nn.ReLU()))
                    )
            ),
            Method("SymNets", it => Recipes.SymNets(it.Extractor, it.Predictor, it.NewPredictor())),
            Method("STAR", it => Recipes.Star(it.Extractor, new StochasticClassifier(it.Width, it.Classes).AsPart())),
            Method("VADA", it => Recipes.Vada(it.Extractor, it.Predictor, it.Critic())),
        ];

    private static IEnumerable<EvaluationMethod> SelfTraining() =>
        [
            Method("entropy minimization", it => Recipes.MinEnt(it.Extractor, it.Predictor)),
            Method("information maximization", it => Recipes.Im(it.Extractor, it.Predictor)),
            Method("MCC", it => Recipes.Mcc(it.Extractor, it.Predictor)),
            Method("BNM", it => Recipes.Bnm(it.Extractor, it.Predictor)),
            Method("ITL", it => Recipes.Itl(it.Extractor, it.Predictor)),
            Method("pseudo-labels", it => Recipes.PseudoLabel(it.Extractor, it.Predictor)),
            Method("ATDOC", it => Recipes.Atdoc(it.Extractor, it.Predictor)),
        ];

    private static IEnumerable<EvaluationMethod> Consistency() =>
        [
            Method("VAT", it => Recipes.Vat(it.Extractor, it.Predictor)),
            Method("mean teacher", it => Recipes.MeanTeacher(it.Extractor, it.Predictor, Teacher(it))),
            Method("FixMatch", it => Recipes.FixMatch(it.Extractor, it.Predictor, Strong(), Weak())),
            Method("FlexMatch", it => Recipes.FlexMatch(it.Extractor, it.Predictor, Strong(), Weak())),
            Method("FreeMatch", it => Recipes.FreeMatch(it.Extractor, it.Predictor, Strong(), Weak())),
            Method("SoftMatch", it => Recipes.SoftMatch(it.Extractor, it.Predictor, Strong(), Weak())),
            Method("AdaMatch", it => Recipes.AdaMatch(it.Extractor, it.Predictor, Strong(), Weak())),
        ];

    private static IEnumerable<EvaluationMethod> Composed() =>
        [
            Method(
                "DSAN and MCC",
                it =>
                    Of(
                        it,
                        net =>
                            net.Minimize(new CrossEntropy())
                                .Minimize(new LocalMaximumMeanDiscrepancy(), Schedule.SigmoidRamp(gamma: 10))
                                .Minimize(new MinimumClassConfusion())
                    )
            ),
            Method(
                "CDAN+E and MCC",
                it =>
                    Of(
                        it,
                        net =>
                            net.Minimize(new CrossEntropy())
                                .OpposeConditionally(
                                    it.Critic(it.Width * it.Classes),
                                    entropy: EntropyConditioning.Joint
                                )
                                .Minimize(new MinimumClassConfusion())
                    )
            ),
            Method(
                "DSAN, MCC and a mean teacher",
                it =>
                    Of(
                        it,
                        net =>
                            net.Minimize(new CrossEntropy { LabelSmoothing = 0.1 })
                                .Minimize(new LocalMaximumMeanDiscrepancy(), Schedule.SigmoidRamp(gamma: 10))
                                .Minimize(new MinimumClassConfusion())
                                .Minimize(Teacher(it), Schedule.GaussianRamp(0.5))
                    )
            ),
        ];

    private static MeanTeacher Teacher(Networks it) =>
        new((ModulePart)it.Extractor.Replica(), (ModulePart)it.Predictor.Replica());

    private static AugmentationSequence Strong() => Recipes.StrongFeatureAugmentation();

    private static NeighborMixing Weak() => Recipes.WeakFeatureAugmentation();

    private static AdaptationBuilder Of(Networks it, Action<NetworkTraining> train) =>
        new AdaptationBuilder().Train(it.Extractor, it.Predictor, train);

    private static EvaluationMethod Method(string name, Func<Networks, AdaptationBuilder> chain) =>
        PacsFeatures.Method(
            name,
            chain,
            (built, data, options, stop) => built.Fit(data.Source, data.Target.WithoutLabels(), options, null, stop)
        );
}
