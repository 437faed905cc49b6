using System.Reflection;
using System.Runtime.CompilerServices;
using TransferLearning.Adversarial;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Contracts.Tests;

/// <summary>Whatever a chain or a training takes as a part, it takes as a plain module as well.</summary>
public sealed class ModuleContracts
{
    private static readonly Type[] Parts =
    [
        typeof(IFeatureExtractor),
        typeof(ILabelPredictor),
        typeof(IDomainCritic),
        typeof(IPatchCritic),
    ];

    private static readonly Type[] Described =
    [
        typeof(AdaptationBuilder),
        typeof(NetworkTraining),
        typeof(TrainingPhase),
        typeof(Recipes),
    ];

    public static TheoryData<string> Verbs() =>
        [.. TakingParts().Select(Label).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Verb_TakingParts_TakesModulesInTheirPlace(string verb)
    {
        foreach (var method in TakingParts().Where(method => Label(method) == verb))
        {
            Assert.True(
                method
                    .DeclaringType!.GetMethods()
                    .Any(other =>
                        other.Name == method.Name && other.ReturnType == method.ReturnType && IsOfModules(other, method)
                    ),
                $"{verb} has no overload for modules with the same names and defaults as {method}"
            );
        }
    }

    [Fact]
    public void Verb_OfNoModule_NamesTheArgument()
    {
        using var module = nn.Linear(2, 2);

        Assert.Throws<ArgumentNullException>(
            "critic",
            () => Recipes.Dann(module, module, (nn.Module<Tensor, Tensor>)null!)
        );
        Assert.Throws<ArgumentNullException>(
            "critic",
            () => new NetworkTraining(module.AsPart(), module.AsPart()).Oppose((nn.Module<Tensor, Tensor>)null!)
        );
        Assert.Throws<ArgumentNullException>(
            "extractor",
            () => new AdaptationBuilder().Train((nn.Module<Tensor, Tensor>)null!, module, _ => { })
        );
    }

    private static IEnumerable<MethodInfo> TakingParts() =>
        typeof(AdaptationBuilder)
            .Assembly.GetExportedTypes()
            .SelectMany(type =>
                type.GetMethods(
                    BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly
                )
            )
            .Where(method => Described.Contains(method.DeclaringType) || Extends(method))
            .Where(method => method.GetParameters().Any(parameter => Parts.Contains(parameter.ParameterType)));

    private static bool Extends(MethodInfo method) =>
        method.IsDefined(typeof(ExtensionAttribute)) && Described.Contains(method.GetParameters()[0].ParameterType);

    private static string Label(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}";

    private static bool IsOfModules(MethodInfo other, MethodInfo method)
    {
        var (given, wanted) = (other.GetParameters(), method.GetParameters());
        return given.Length == wanted.Length
            && given
                .Zip(wanted)
                .All(pair =>
                    pair.First.Name == pair.Second.Name
                    && Equals(pair.First.DefaultValue, pair.Second.DefaultValue)
                    && IsInPlaceOf(pair.First.ParameterType, pair.Second.ParameterType)
                );
    }

    // A ModulePart is asked for where the recipe of a module is needed; there it may stay.
    private static bool IsInPlaceOf(Type given, Type wanted) =>
        wanted == typeof(IReadOnlyList<IDomainCritic>) || wanted == typeof(IReadOnlyList<IFeatureExtractor>)
            ? given == typeof(IReadOnlyList<nn.Module<Tensor, Tensor>>)
        : Parts.Contains(wanted) || (wanted == typeof(ModulePart) && given != wanted)
            ? given == typeof(nn.Module<Tensor, Tensor>)
        : given == wanted;
}
