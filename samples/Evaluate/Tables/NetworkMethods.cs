using Evaluate.Measuring;
using TorchSharp;
using TransferLearning;
using TransferLearning.Adversarial;
using TransferLearning.Consistency;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>
/// Methods that train networks with one labeled source and a target without labels, each its recipe with its defaults.
/// </summary>
internal static class NetworkMethods
{
    /// <summary>The rows of a table, the source alone first.</summary>
    /// <param name="networks">Makes the modules of one fit to a task's data from its seed.</param>
    /// <param name="trained">Adds how long and with which batches networks are trained.</param>
    public static IEnumerable<EvaluationMethod> Rows(
        Func<TaskData, long, Networks> networks,
        Func<FitOptions, FitOptions> trained
    ) =>
        new[] { Plain(), Mapping(), Adversarial(), SelfTraining(), Consistency(), Composed() }
            .SelectMany(family => family)
            .Select(method => new EvaluationMethod(
                method.Name,
                (data, options, stop) => method.Fit(networks(data, options.Seed), data, trained(options), stop)
            ));

    private static IEnumerable<NetworkMethod> Plain() =>
        [
            Method("source only", it => Of(it, net => net.Minimize(new CrossEntropy()))),
            Method("Mixup", it => Recipes.Mixup(it.Extractor, it.Predictor)),
            Method("Manifold Mixup", it => Recipes.ManifoldMixup(it.Extractor, it.Predictor)),
            Method("inter-domain Mixup", it => Recipes.InterDomainMixup(it.Extractor, it.Predictor)),
        ];

    private static IEnumerable<NetworkMethod> Mapping() =>
        [
            Method("DDC", it => Recipes.Ddc(it.Extractor, it.Predictor)),
            Method("DAN", it => Recipes.Dan(it.Extractor, it.Predictor)),
            Method("JAN", it => Recipes.Jan(it.Extractor, it.Predictor)),
            Method("DSAN", it => Recipes.Dsan(it.Extractor, it.Predictor)),
            Method("Deep CORAL", it => Recipes.DeepCoral(it.Extractor, it.Predictor)),
            Method("Log-CORAL", it => Recipes.LogCoral(it.Extractor, it.Predictor)),
            Method("CMD", it => Recipes.Cmd(it.Extractor, it.Predictor)),
            Method("DeepJDOT", it => Recipes.DeepJdot(it.Extractor, it.Predictor)),
            Method("AFN", it => Recipes.Afn(it.Extractor, it.Predictor)),
            Method("HAFN", it => Recipes.Hafn(it.Extractor, it.Predictor)),
            Method("SPA", it => Recipes.Spa(it.Extractor, it.Predictor)),
            Method("CAN", it => Recipes.Can(it.Extractor, it.Predictor)),
        ];

    private static IEnumerable<NetworkMethod> Adversarial() =>
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
            Method("DALN", it => Recipes.Daln(it.Extractor, it.Predictor)),
        ];

    private static IEnumerable<NetworkMethod> SelfTraining() =>
        [
            Method("entropy minimization", it => Recipes.MinEnt(it.Extractor, it.Predictor)),
            Method("information maximization", it => Recipes.Im(it.Extractor, it.Predictor)),
            Method("MCC", it => Recipes.Mcc(it.Extractor, it.Predictor)),
            Method("BNM", it => Recipes.Bnm(it.Extractor, it.Predictor)),
            Method("ITL", it => Recipes.Itl(it.Extractor, it.Predictor)),
            Method("pseudo-labels", it => Recipes.PseudoLabel(it.Extractor, it.Predictor)),
            Method("ATDOC", it => Recipes.Atdoc(it.Extractor, it.Predictor)),
            Method("CST", it => Recipes.Cst(it.Extractor, it.Predictor, it.Strong)),
            Method(
                "Noisy Student",
                it =>
                    Recipes.NoisyStudent(
                        it.Extractor,
                        it.Predictor,
                        it.Extractor.Replica(),
                        it.Predictor.Replica(),
                        it.Strong
                    )
            ),
            SourceFree("SHOT", it => Recipes.Shot(it.Extractor, it.Predictor)),
            SourceFree("NRC", it => Recipes.Nrc(it.Extractor, it.Predictor)),
        ];

    private static IEnumerable<NetworkMethod> Consistency() =>
        [
            Method("VAT", it => Recipes.Vat(it.Extractor, it.Predictor)),
            Method("mean teacher", it => Recipes.MeanTeacher(it.Extractor, it.Predictor, Teacher(it))),
            Method("self-ensembling", it => Recipes.SelfEnsembling(it.Extractor, it.Predictor, Teacher(it, 0.968))),
            Method("Pi-model", it => Recipes.PiModel(it.Extractor, it.Predictor, it.Weak)),
            Method("UDA", it => Recipes.Uda(it.Extractor, it.Predictor, it.Strong)),
            Method("MixMatch", it => Recipes.MixMatch(it.Extractor, it.Predictor, it.Weak)),
            Method("ReMixMatch", it => Recipes.ReMixMatch(it.Extractor, it.Predictor, it.Strong, it.Weak)),
            Method("FixMatch", it => Recipes.FixMatch(it.Extractor, it.Predictor, it.Strong, it.Weak)),
            Method("Dash", it => Recipes.Dash(it.Extractor, it.Predictor, it.Strong, it.Weak)),
            Method("FlexMatch", it => Recipes.FlexMatch(it.Extractor, it.Predictor, it.Strong, it.Weak)),
            Method("FreeMatch", it => Recipes.FreeMatch(it.Extractor, it.Predictor, it.Strong, it.Weak)),
            Method("SoftMatch", it => Recipes.SoftMatch(it.Extractor, it.Predictor, it.Strong, it.Weak)),
            Method("DebiasMatch", it => Recipes.DebiasMatch(it.Extractor, it.Predictor, it.Strong, it.Weak)),
            Method(
                "class-confusion consistency",
                it => Recipes.ClassConfusionConsistency(it.Extractor, it.Predictor, it.Strong, it.Weak)
            ),
            Method(
                "CoMatch",
                it => Recipes.CoMatch(it.Extractor, it.Predictor, it.NewProjection(), it.Strong, it.Weak)
            ),
            Method("SimMatch", SimMatch),
            Method("AdaMatch", it => Recipes.AdaMatch(it.Extractor, it.Predictor, it.Strong, it.Weak)),
        ];

    private static IEnumerable<NetworkMethod> Composed() =>
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

    private static AdaptationBuilder SimMatch(Networks it)
    {
        var head = it.NewProjection();
        return Recipes.SimMatch(
            it.Extractor,
            it.Predictor,
            head,
            it.Extractor.Replica(),
            it.Predictor.Replica(),
            head.Replica(),
            it.Strong,
            it.Weak
        );
    }

    private static MeanTeacher Teacher(Networks it, double threshold = 0) =>
        new(it.Extractor.Replica(), it.Predictor.Replica())
        {
            StudentView = it.Weak,
            TeacherView = it.Weak,
            Threshold = threshold,
        };

    private static AdaptationBuilder Of(Networks it, Action<NetworkTraining> train) =>
        new AdaptationBuilder().Train(it.Extractor, it.Predictor, train);

    private static NetworkMethod Method(string name, Func<Networks, AdaptationBuilder> chain) =>
        new(
            name,
            (it, data, options, stop) => chain(it).Fit(data.Source, data.Target.WithoutLabels(), options, null, stop)
        );

    // First the source alone, with smoothed labels, as SHOT's authors do; then the target alone.
    private static NetworkMethod SourceFree(string name, Func<Networks, AdaptationBuilder> chain) =>
        new(
            name,
            (it, data, options, stop) =>
            {
                var target = data.Target.WithoutLabels();
                Of(it, net => net.Minimize(new CrossEntropy { LabelSmoothing = 0.1 }))
                    .Fit(data.Source, target, options, null, stop)
                    .Dispose();
                return chain(it).FitSourceFree(target, data.Source.Space, options, null, stop);
            }
        );

    private sealed record NetworkMethod(
        string Name,
        Func<Networks, TaskData, FitOptions, CancellationToken, AdaptedModel> Fit
    );
}
