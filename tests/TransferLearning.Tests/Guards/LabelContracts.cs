using System.Reflection;
using System.Runtime.CompilerServices;
using TransferLearning.Adversarial;
using TransferLearning.SelfSupervision;
using TransferLearning.Settings;
using static TransferLearning.Tests.Guards.CompiledCode;

namespace TransferLearning.Tests.Guards;

/// <summary>What reads scores as those of classes refuses labels that are none, before anything is computed.</summary>
public sealed class LabelContracts
{
    private const BindingFlags Declared =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Static
        | BindingFlags.Instance
        | BindingFlags.DeclaredOnly;

    private static readonly Assembly Library = typeof(AdaptationBuilder).Assembly;

    // Their distributions are not over the labels' classes: over domains, rows, turns of an image, places in it.
    private static readonly Type[] OverOtherThings =
    [
        typeof(DomainConfusion),
        typeof(MultiDomainAdversary),
        typeof(GroupRobustness),
        typeof(NormalizedTemperatureContrast),
        typeof(RotationPrediction),
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
