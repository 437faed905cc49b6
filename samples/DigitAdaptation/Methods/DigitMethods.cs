using DigitAdaptation.Experiments;
using TransferLearning;
using TransferLearning.Adversarial;
using TransferLearning.Augmentation;
using TransferLearning.Consistency;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace DigitAdaptation.Methods;

/// <summary>All methods of the comparison, in the order of the table.</summary>
public static class DigitMethods
{
    private const int ShallowRows = 1000;

    /// <summary>The methods.</summary>
    public static IReadOnlyList<DigitMethod> All { get; } =
    [
        Method("source", "Source only", SourceOnly, MethodRole.Baseline),
        Method("coral", "CORAL", Coral),
        Method("tca", "TCA", Tca),
        Method("dan", "DAN", Dan),
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

    /// <summary>Mapping, shallow: on the features of the source-only network, which stays as it is.</summary>
    private static MethodOutcome Coral(DigitReader reader)
    {
        using var model = new AdaptationBuilder()
            .Train(reader.Extractor, reader.Predictor, net => net.Minimize(new CrossEntropy()))
            .Map(new CorrelationAlignment())
            .Learn(new LogisticRegression())
            .Fit(reader.Digits.Source, reader.Digits.Target, reader.Options());
        return reader.Judge(model);
    }

    /// <summary>
    /// Mapping, shallow: its eigenproblem is as large as the rows are many, so the map is learnt from some of them.
    /// </summary>
    private static MethodOutcome Tca(DigitReader reader)
    {
        using var network = new AdaptationBuilder()
            .Train(reader.Extractor, reader.Predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(reader.Digits.Source, reader.Digits.Target, reader.Options());
        using var scope = NewDisposeScope();
        var (source, target) = (reader.Digits.Source, reader.Digits.Target);
        var rows = Math.Min(ShallowRows, Math.Min(source.Count, target.Count));
        using var mapped = new AdaptationBuilder()
            .Map(new TransferComponents())
            .Learn(new NearestNeighbour())
            .Fit(
                new LabelledDomain(
                    network.Features(source.Inputs.narrow(0, 0, rows), DomainId.Source(0)),
                    source.Labels.narrow(0, 0, rows)
                ),
                new UnlabelledDomain(network.Features(target.Inputs.narrow(0, 0, rows)))
            );
        using var model = new AdaptedModel(ExtractorChain.Of(network.Extractor, mapped.Extractor), mapped.Predictor);
        return reader.Judge(model);
    }

    /// <summary>Mapping, deep: the features of both domains get one distribution (Long 2015).</summary>
    private static MethodOutcome Dan(DigitReader reader) =>
        reader.Adapt(
            new AdaptationBuilder().Train(
                reader.Extractor,
                reader.Predictor,
                net => net.Minimize(new CrossEntropy()).Align(new MultiKernelMeanDiscrepancy())
            )
        );

    /// <summary>Adversarial: a critic tells the domains apart, the features leave it nothing to tell by (Ganin 2016).</summary>
    private static MethodOutcome Dann(DigitReader reader) =>
        reader.Adapt(
            new AdaptationBuilder().Train(
                reader.Extractor,
                reader.Predictor,
                net => net.Minimize(new CrossEntropy()).Oppose(reader.Critic, Schedule.SigmoidRamp(height: 0.1))
            ),
            reader.Training(rate: 5e-4)
        );

    /// <summary>Adversarial: the critic estimates how far the domains lie apart (Shen 2018).</summary>
    private static MethodOutcome Wdgrl(DigitReader reader) =>
        reader.Adapt(
            new AdaptationBuilder().Train(
                reader.Extractor,
                reader.Predictor,
                net => net.Minimize(new CrossEntropy()).GuideByWasserstein(reader.Critic, weight: 0.1)
            )
        );

    /// <summary>Adversarial, in two stages: the target gets an extractor of its own (Tzeng 2017).</summary>
    private static MethodOutcome Adda(DigitReader reader) =>
        reader.Adapt(
            new AdaptationBuilder()
                .Train(reader.Extractor, reader.Predictor, net => net.Minimize(new CrossEntropy()))
                .Add(new UntiedAdversary(reader.Critic) { Options = reader.Training(rate: 5e-5, share: 0.5) }),
            reader.Training(share: 0.5)
        );

    /// <summary>
    /// Several families at once: a first network, weights for the source by its features, then training on with those
    /// weights against a critic, with mixed images and with target predictions that must survive a shift.
    /// </summary>
    private static MethodOutcome Pipeline(DigitReader reader) =>
        reader.Adapt(
            new AdaptationBuilder()
                .Train(
                    reader.Extractor,
                    reader.Predictor,
                    net => net.Minimize(new CrossEntropy()).With(reader.Training(share: 0.2))
                )
                .Weight(new KernelMeanMatching { Bound = 10 })
                .Train(
                    reader.Extractor,
                    reader.Predictor,
                    net =>
                        net.Minimize(new CrossEntropy())
                            .Augment(new CutMix { Probability = 0.5 })
                            .Oppose(reader.Critic, Schedule.SigmoidRamp(height: 0.1))
                            .RequireConsistency(new ShiftedView())
                            .With(reader.Training(share: 0.8))
                )
        );

    /// <summary>The ceiling: trained on the target's labels, which an application does not have.</summary>
    private static MethodOutcome Oracle(DigitReader reader)
    {
        using var model = new AdaptationBuilder()
            .Train(reader.Extractor, reader.Predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(reader.Digits.LabelledTarget, reader.Digits.Target, reader.WithCurve());
        return reader.Judge(model);
    }

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
