using DigitAdaptation.Experiments;
using TransferLearning;
using TransferLearning.Adversarial;
using TransferLearning.Augmentation;
using TransferLearning.Consistency;
using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Theory;
using static TorchSharp.torch;

namespace DigitAdaptation.Methods;

/// <summary>All methods of the comparison, in the order of the table.</summary>
public static class DigitMethods
{
    private const int ShallowRows = 700;

    /// <summary>The methods. Where their settings come from: docs/results/digit-adaptation.md.</summary>
    public static IReadOnlyList<DigitMethod> All { get; } =
    [
        Method("source", "Source only", SourceOnly, MethodRole.Baseline),
        Method("replacement", "Replacement", Replacement),
        Method("coral", "CORAL", Coral),
        Method("tca", "TCA", Tca),
        Method("dan", "DAN", Dan),
        Method("finetune", "Fine-tuning + MMD", FineTuning),
        Method("dann", "DANN", Dann),
        Method("wdgrl", "WDGRL", Wdgrl),
        Method("adda", "ADDA", Adda),
        Method("pipeline", "Composed pipeline", Pipeline),
        Method("oracle", "Oracle", Oracle, MethodRole.Oracle),
    ];

    /// <summary>The floor: the source's labels, and nothing of the target.</summary>
    private static MethodOutcome SourceOnly(DigitReader reader) =>
        reader.Adapt(
            new AdaptationBuilder().Train(reader.Extractor, reader.Predictor, net => net.Minimize(new CrossEntropy()))
        );

    /// <summary>
    /// Instance: source images leave, round by round, for target images that are read surely by then (Bruzzone 2010).
    /// </summary>
    private static MethodOutcome Replacement(DigitReader reader) =>
        reader.Adapt(
            new AdaptationBuilder()
                .Train(reader.Extractor, reader.Predictor, net => net.Minimize(new CrossEntropy()))
                .Add(
                    new ProgressiveReplacement(new LogisticRegression { Tolerance = 1e-4, MaxSteps = 100 })
                    {
                        Share = 0.2,
                    }
                )
        );

    /// <summary>Mapping, shallow: the source's features take the target's covariance (Sun 2016).</summary>
    private static MethodOutcome Coral(DigitReader reader) =>
        reader.Adapt(
            new AdaptationBuilder()
                .Train(reader.Extractor, reader.Predictor, net => net.Minimize(new CrossEntropy()))
                .Map(new CorrelationAlignment())
                .Learn(new NearestNeighbor { Neighbors = 10 })
        );

    /// <summary>Mapping, shallow: the components of the features in which the domains agree (Pan 2011).</summary>
    private static MethodOutcome Tca(DigitReader reader) =>
        reader.Adapt(
            new AdaptationBuilder()
                .Train(reader.Extractor, reader.Predictor, net => net.Minimize(new CrossEntropy()))
                .Map(new FittedOnSome(new TransferComponentAnalysis { Kernel = new LinearKernel() }, ShallowRows))
                .Learn(new LogisticRegression { InversePenalty = 3 })
        );

    /// <summary>Mapping, deep: the features of both domains get one distribution (Long 2015).</summary>
    private static MethodOutcome Dan(DigitReader reader) =>
        reader.Adapt(
            new AdaptationBuilder().Train(
                reader.Extractor,
                reader.Predictor,
                net => net.Minimize(new CrossEntropy()).Align(new MultiKernelMaximumMeanDiscrepancy(), weight: 0.3)
            )
        );

    /// <summary>
    /// Network: the source's network is trained on, slower near its inputs (Howard 2018) and tied to where it started
    /// (Li 2018), while its features for both domains are brought together.
    /// </summary>
    private static MethodOutcome FineTuning(DigitReader reader)
    {
        using var start = new StartingPointPenalty(reader.Extractor);
        return reader.Adapt(
            new AdaptationBuilder()
                .Train(
                    reader.Extractor,
                    reader.Predictor,
                    net => net.Minimize(new CrossEntropy()).With(reader.Training(share: 0.5))
                )
                .Train(
                    reader.Extractor,
                    reader.Predictor,
                    net =>
                        net.Minimize(new CrossEntropy())
                            .Minimize(start)
                            .Align(new MultiKernelMaximumMeanDiscrepancy(), weight: 0.3)
                            .Optimize(reader.Extractor, plan: FreezingPlan.None.SlowDown(1 / 2.6))
                            .With(reader.Training(share: 0.5))
                )
        );
    }

    /// <summary>
    /// Adversarial: a critic tells the domains apart, the features leave it nothing to tell by (Ganin 2016).
    /// </summary>
    private static MethodOutcome Dann(DigitReader reader)
    {
        var weight = Schedule.SigmoidRamp(height: 0.2);
        return reader.Adapt(
            new AdaptationBuilder().Train(
                reader.Extractor,
                reader.Predictor,
                net => net.Minimize(new CrossEntropy()).Oppose(reader.Critic, weight)
            ),
            diagnosis: new AdversarialDiagnosis(reader.Critic, weight) { MaxRows = 300 }
        );
    }

    /// <summary>Adversarial: the critic estimates how far the domains lie apart (Shen 2018).</summary>
    private static MethodOutcome Wdgrl(DigitReader reader) =>
        reader.Adapt(
            new AdaptationBuilder().Train(
                reader.Extractor,
                reader.Predictor,
                net => net.Minimize(new CrossEntropy()).GuideByWasserstein(reader.Critic, weight: 0.03, criticSteps: 3)
            )
        );

    /// <summary>Adversarial, in two stages: the target gets an extractor of its own (Tzeng 2017).</summary>
    private static MethodOutcome Adda(DigitReader reader) =>
        reader.Adapt(
            new AdaptationBuilder()
                .Train(reader.Extractor, reader.Predictor, net => net.Minimize(new CrossEntropy()))
                .Add(
                    new AdversarialDiscriminativeAdaptation(reader.Critic)
                    {
                        Options = reader.Training(rate: 2e-5, share: 0.6),
                        CriticOptimizer = parameters => optim.Adam(parameters, 1e-3),
                    }
                )
        );

    /// <summary>
    /// Several families at once: a first network on mixed images against a critic, weights for the source by its
    /// features, then training on with those weights against the same critic and, once that has brought the domains
    /// together, with target predictions that must survive another hand: confident ones by themselves (Xie 2020), all
    /// of them beside a mean teacher's (Tarvainen 2017, French 2018).
    /// </summary>
    private static MethodOutcome Pipeline(DigitReader reader)
    {
        using var extractor = reader.Extractor.Replica();
        using var predictor = reader.Predictor.Replica();
        var otherHand = new SlantAugmentation();
        return reader.Adapt(
            new AdaptationBuilder()
                .Train(
                    reader.Extractor,
                    reader.Predictor,
                    net =>
                        net.Minimize(new CrossEntropy())
                            .Augment(new CutMix { Probability = 0.2 })
                            .Oppose(reader.Critic, Schedule.SigmoidRamp(height: 0.2))
                            .With(reader.Training(share: 0.3))
                )
                .Weight(Weighting())
                .Train(
                    reader.Extractor,
                    reader.Predictor,
                    net =>
                        net.Minimize(new CrossEntropy())
                            .Oppose(reader.Critic, 0.2)
                            .Minimize(
                                new UnsupervisedDataAugmentation(otherHand) { Threshold = 0.95 },
                                Schedule.From(0.5, 1)
                            )
                            .Minimize(
                                new MeanTeacher(extractor, predictor) { StudentView = otherHand },
                                Schedule.From(0.5, 100)
                            )
                            .With(reader.Training(share: 0.7))
                )
        );
    }

    /// <summary>The ceiling: trained on the target's labels, which an application does not have.</summary>
    private static MethodOutcome Oracle(DigitReader reader)
    {
        using var model = new AdaptationBuilder()
            .Train(reader.Extractor, reader.Predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(reader.Digits.LabeledTarget, reader.Digits.Target, reader.WithCurve());
        return reader.Judge(model);
    }

    private static WeighedInParts Weighting() => new(new KernelMeanMatching { Bound = 3 }, ShallowRows);

    private static DigitMethod Method(
        string name,
        string title,
        Func<DigitReader, MethodOutcome> train,
        MethodRole role = MethodRole.Adaptation
    ) =>
        new(
            name,
            title,
            role,
            run =>
            {
                using var reader = new DigitReader(run);
                return train(reader);
            }
        );
}
