using System.Reflection;
using System.Runtime.CompilerServices;
using TransferLearning.Adversarial;
using TransferLearning.Evaluation;
using TransferLearning.Predictors;
using TransferLearning.SelfSupervision;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using static Contracts.Tests.CompiledCode;
using static TorchSharp.torch;

namespace Contracts.Tests;

/// <summary>What reads scores as those of classes refuses labels that are none, before anything is computed.</summary>
public sealed class LabelContracts
{
    private const BindingFlags Declared =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Static
        | BindingFlags.Instance
        | BindingFlags.DeclaredOnly;

    private static readonly Type[] Kinds =
    [
        typeof(ILabelLearner),
        typeof(IFeatureMapping),
        typeof(IInstanceWeighting),
        typeof(IAdaptationStage),
    ];

    private static readonly Assembly Library = typeof(AdaptationBuilder).Assembly;

    // Their distributions are not over the labels' classes: over domains, rows, turns of an image, places in it,
    // prototypes.
    private static readonly Type[] OverOtherThings =
    [
        typeof(CrossGradient),
        typeof(CrossGradientCritic),
        typeof(DomainConfusion),
        typeof(MultiDomainAdversary),
        typeof(GroupRobustness),
        typeof(NormalizedTemperatureContrast),
        typeof(RotationPrediction),
        typeof(SwappedAssignment),
        typeof(KeypointDivergence),
        typeof(RegressionDisparity),
        typeof(GroundFalseDivergence),
    ];

    public static TheoryData<Type> Judges() =>
        [
            .. Library
                .GetTypes()
                .Where(type => !type.IsAbstract && !OverOtherThings.Contains(type) && type != typeof(SourceRisk))
                .Where(type => typeof(IObjective).IsAssignableFrom(type) || typeof(IModelScore).IsAssignableFrom(type))
                .Where(ReadsClasses)
                .OrderBy(type => type.FullName, StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Judges))]
    public void WhatReadsScoresOfClasses_RefusesOtherLabelsInThePlan(Type type)
    {
        var map = type.GetInterfaceMap(typeof(IPlanned));
        var at = Array.FindIndex(map.InterfaceMethods, method => method.Name == nameof(IPlanned.Faults));

        Assert.Contains(
            Reached([map.TargetMethods[at]]),
            method => method.DeclaringType == typeof(LabelSpace) && method.Name == "get_IsClasses"
        );
    }

    public static TheoryData<Type> Methods() =>
        [
            .. Library
                .GetTypes()
                .Where(type => !type.IsAbstract && type.IsPublic && PlainMethods.Shortest(type) is not null)
                .Where(type => Kinds.Any(kind => kind.IsAssignableFrom(type)))
                .OrderBy(type => type.FullName, StringComparer.Ordinal),
        ];

    // A model that learned labels as values has no probabilities of them; others give each label its own.
    [Theory]
    [MemberData(nameof(Methods))]
    public void Method_OfRowsWithAnyOfSeveralLabels_PredictsThemOrIsRefusedByTheirName(Type type)
    {
        using var scope = NewDisposeScope();
        var (source, target) = (Rows(60, 1), Rows(45, 2));
        AdaptedModel model;
        try
        {
            model = Chain(PlainMethods.Make<object>(type)).FitFewShot(source, target.WithoutLabels(), Rows(12, 3));
        }
        catch (InvalidAdaptationException)
        {
            return;
        }
        catch (ArgumentException fault)
        {
            Assert.Contains("labels are any of 3 labels", fault.Message, StringComparison.Ordinal);
            return;
        }

        using (model)
        {
            try
            {
                var figures = MultiLabelMetrics.Of(model.PredictProbabilities(target.Inputs), target.Labels);
                // By chance mAP is a third, as is the loss of who gives no label at all. A map may leave away what
                // tells a class, a learner may not.
                var isLearner = typeof(ILabelLearner).IsAssignableFrom(type);
                Assert.True(figures.MeanAveragePrecision > (isLearner ? 0.9 : 0.6), figures.ToString());
                Assert.True(figures.HammingLoss < 0.2 || !isLearner, figures.ToString());
            }
            catch (InvalidOperationException fault)
            {
                Assert.Contains("no label's probability", fault.Message, StringComparison.Ordinal);
            }
        }
    }

    private static AdaptationBuilder Chain(object method) =>
        method switch
        {
            ILabelLearner learner => new AdaptationBuilder().Learn(learner),
            IFeatureMapping map => new AdaptationBuilder().Map(map).Learn(new LogisticRegression()),
            IInstanceWeighting weighting => new AdaptationBuilder().Weight(weighting).Learn(new LogisticRegression()),
            _ => new AdaptationBuilder().Add((IAdaptationStage)method).Learn(new LogisticRegression()),
        };

    // Each row has the one label of its cloud.
    private static LabeledDomain Rows(long count, long seed)
    {
        var (inputs, classes) = Toy.Clouds(count, seed, classes: 3);
        var labels = nn.functional.one_hot(classes, 3).to(inputs.dtype);
        return new LabeledDomain(inputs, labels, space: LabelSpace.MultiLabel(3));
    }

    private static bool ReadsClasses(Type type) =>
        Reached([
                .. type.GetMethods(Declared)
                    .Where(method => method.Name is nameof(IObjective.Evaluate) or nameof(IModelScore.Score)),
            ])
            .Any(method => method.Name is "softmax" or "log_softmax" or "cross_entropy" or "argmax");

    // Everything in the library that some methods come to, but for what a step computes for all, and for SourceRisk,
    // whose loss is that of the labels' kind.
    private static HashSet<MethodBase> Reached(IEnumerable<MethodBase> first)
    {
        var (reached, open) = (new HashSet<MethodBase>(), new Queue<MethodBase>(first));
        while (open.TryDequeue(out var method))
        {
            foreach (var next in Called(method).Concat(Machine(method)).Where(reached.Add))
            {
                var isOfLibrary =
                    next.DeclaringType is { Namespace: not "TransferLearning.Training" } type
                    && type.Assembly == Library
                    && type != typeof(SourceRisk);
                if (isOfLibrary)
                {
                    open.Enqueue(next);
                }
            }
        }
        return reached;
    }

    // An iterator's code stands in a class that the compiler makes of it.
    private static IEnumerable<MethodBase> Machine(MethodBase method) =>
        method.GetCustomAttribute<StateMachineAttribute>()?.StateMachineType.GetMethods(Declared) ?? [];
}
