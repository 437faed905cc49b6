using System.Reflection;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.SelfSupervision;

namespace TransferLearning.Tests.Support;

/// <summary>Methods as users first meet them, without arguments, for the tests that hold every one of them.</summary>
internal static class PlainMethods
{
    /// <summary>The constructor whose parameters are all optional or given by <paramref name="argument"/>.</summary>
    public static ConstructorInfo? Shortest(Type type, Func<ParameterInfo, object?>? argument = null) =>
        type.IsInterface
            ? null
            : type.GetConstructors()
                .FirstOrDefault(constructor =>
                    constructor.GetParameters().All(it => it.IsOptional || argument?.Invoke(it) is not null)
                );

    /// <summary>The method of that constructor. Those that take long come with fewer rounds.</summary>
    /// <remarks>By distances within the domains alone a cloud may come to lie mirrored.</remarks>
    public static T Make<T>(Type type, Func<ParameterInfo, object?>? argument = null)
    {
        var constructor = Shortest(type, argument)!;
        var method = constructor.Invoke([
            .. constructor.GetParameters().Select(it => it.IsOptional ? it.DefaultValue : argument!(it)),
        ]);
        object shortened = method switch
        {
            GromovWassersteinMap map => map with { Solver = new GromovTransport(0.5) },
            NearestBrenierMap map => map with { MaxTurns = 1 },
            SparseCoding map => map with { Atoms = 32, Rounds = 5 },
            ImportanceWeightingNetwork weighting => weighting with { Steps = 60 },
            SemiSupervisedFeatureAugmentation learner => learner with { Labelings = 3 },
            WeightingAdversarialNetwork weighting => weighting with { Steps = 20 },
            _ => method,
        };
        return (T)shortened;
    }
}
