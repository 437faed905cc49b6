#pragma warning disable TL1002 // experimental methods are tested, too
using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;
using TransferLearning.Adversarial;
using TransferLearning.Augmentation;
using TransferLearning.Consistency;
using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Settings;
using TransferLearning.Tests.Guards;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace Contracts.Tests;

/// <summary>
/// Every method has a recipe that its page names, and what a recipe is given arrives in what it makes.
/// </summary>
public sealed partial class RecipeContracts : IDisposable
{
    private static readonly MethodInfo[] All =
    [
        .. typeof(Recipes).GetMethods(BindingFlags.Public | BindingFlags.Static).Where(recipe => !IsOfModules(recipe)),
    ];

    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Pages() =>
        [
            .. Directory
                .EnumerateFiles(Repository.Path("docs", "methods"), "*.md")
                .Select(page => Path.GetFileNameWithoutExtension(page))
                .Order(StringComparer.Ordinal),
        ];

    public static TheoryData<string> Names() => [.. All.Select(recipe => recipe.Name).Order(StringComparer.Ordinal)];

    public static TheoryData<string> NamesOfModules() =>
        [
            .. typeof(Recipes)
                .GetMethods()
                .Where(IsOfModules)
                .Select(recipe => recipe.Name)
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_NamesARecipe_ThatHoldsItsMethod(string page)
    {
        var ofMethod = Directory
            .EnumerateFiles(Folder(page), "*.cs")
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .ToHashSet(StringComparer.Ordinal);

        var held = NamedBy(page)
            .SelectMany(name => Reached(Make(Recipe(name), Given)))
            .Select(thing => thing.GetType().Name.Split('`')[0])
            .Where(ofMethod.Contains);

        Assert.True(held.Any(), $"docs/methods/{page}.md names no recipe that makes anything of src/.../{page}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Recipe_IsNamedByThePageOfItsFolder(string name)
    {
        var file = Directory
            .EnumerateFiles(Repository.Path("src", "TransferLearning"), "*Recipe.cs", SearchOption.AllDirectories)
            .Single(file =>
                File.ReadLines(file)
                    .Any(line =>
                        line.StartsWith("    public static", StringComparison.Ordinal)
                        && line.Contains($" {name}(", StringComparison.Ordinal)
                    )
            );

        Assert.Contains(name, NamedBy(Path.GetFileName(Path.GetDirectoryName(file)!)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Recipe_EveryArgument_ArrivesInWhatItMakes(string name)
    {
        var recipe = Recipe(name);
        var before = Values(Make(recipe, Given));

        foreach (var parameter in recipe.GetParameters().Where(parameter => parameter.Name != "sources"))
        {
            var (argument, trace) = Marked(parameter);
            Assert.DoesNotContain(trace, before);

            var after = Values(Make(recipe, other => other == parameter ? argument : Given(other)));

            Assert.True(after.Contains(trace), $"Recipes.{name} makes nothing of its argument '{parameter.Name}'");
        }
    }

    [Theory]
    [MemberData(nameof(NamesOfModules))]
    public void Recipe_EveryModule_ArrivesInWhatItMakes(string name)
    {
        var recipe = typeof(Recipes).GetMethods().Single(recipe => recipe.Name == name && IsOfModules(recipe));

        foreach (var parameter in recipe.GetParameters().Where(IsModule))
        {
            var module = Made(parameter);

            var after = Values(Make(recipe, other => other == parameter ? module : Given(other)));

            Assert.True(after.Contains(module), $"Recipes.{name} makes nothing of its module '{parameter.Name}'");
        }
    }

    [Theory]
    [InlineData("Dsbn")]
    [InlineData("TransNorm")]
    public void Recipe_ForSeveralSources_KeepsABranchForEach(string name)
    {
        var made = Make(
            Recipe(name),
            parameter =>
                parameter.Name switch
                {
                    "sources" => 3,
                    "network" => Network(name, sources: 3),
                    _ => Given(parameter),
                }
        );

        var extractor = Assert.Single(Reached(made).OfType<DomainNormalizedExtractor>().Distinct());
        Assert.Equal(1 + 3 + 1, extractor.Inner.Count); // the network, the sources and the target
    }

    public void Dispose() => scope.Dispose();

    private static ModulePart Network(string recipe, int sources) =>
        new(() =>
            nn.Sequential(
                nn.Linear(4, 8),
                recipe switch
                {
                    "TransNorm" => new TransferableNormalization(8),
                    "StochNorm" => new StochasticNormalization(8),
                    "IbnNet" => new InstanceBatchNormalization(8),
                    _ => new DomainSpecificBatchNormalization(8, sources),
                }
            )
        );

    private static bool IsOfModules(MethodInfo recipe) => recipe.GetParameters().Any(IsModule);

    private static bool IsModule(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(nn.Module<Tensor, Tensor>);

    private static MethodInfo Recipe(string name) => All.Single(recipe => recipe.Name == name);

    private static object Make(MethodInfo recipe, Func<ParameterInfo, object?> argument) =>
        recipe.Invoke(null, [.. recipe.GetParameters().Select(argument)])!;

    private static string Folder(string page) =>
        Directory
            .EnumerateDirectories(Repository.Path("src", "TransferLearning"), page, SearchOption.AllDirectories)
            .Single();

    private static IEnumerable<string> NamedBy(string page) =>
        Named()
            .Matches(File.ReadAllText(Repository.Path("docs", "methods", page + ".md")))
            .Select(match => match.Groups["name"].Value)
            .Distinct(StringComparer.Ordinal);

    private static object? Given(ParameterInfo parameter) =>
        parameter.Name == "background" ? 1L // without it, a recipe of another one's parts
        : parameter.IsOptional ? parameter.DefaultValue
        : Made(parameter);

    private static object Made(ParameterInfo parameter) =>
        parameter.ParameterType switch
        {
            var type when type == typeof(nn.Module<Tensor, Tensor>) => parameter.Name == "network"
                ? Network(parameter.Member.Name, sources: 1).Module
                : Toy.Extractor().Module,
            _ when parameter.Name == "prototypes" => new ModulePart(() => nn.Linear(3, 4, hasBias: false)),
            _ when parameter.Name == "network" => Network(parameter.Member.Name, sources: 1),
            var type when type == typeof(IFeatureExtractor) || type == typeof(ModulePart) => Toy.Extractor(),
            var type when type == typeof(ILabelPredictor) => Toy.Predictor(),
            var type when type == typeof(IDomainCritic) || type == typeof(IPatchCritic) => Toy.Critic(),
            var type when type == typeof(TranslationNetworks) => new TranslationNetworks(1, width: 2, blocks: 1),
            var type when type == typeof(ILabelLearner) => new LogisticRegression(),
            var type when type == typeof(ClassDescriptions) => Described.Classes(),
            var type when type == typeof(IZeroShotLearner) => new EmbarrassinglySimpleZeroShot(Described.Classes()),
            var type when type == typeof(IFeatureMapping) => new LocationScale(),
            var type when type == typeof(IInstanceWeighting) => new KernelMeanMatching(),
            var type when type == typeof(IDiscrepancy) => new EnergyDistance(),
            var type when type == typeof(IObjective) => new SquaredError(),
            var type when type == typeof(ITransportSolver) => new EntropicTransport(),
            var type when type == typeof(ISubspaceObjective) => new PrincipalVariance(),
            var type when type == typeof(IAugmentation) => new Noise(0.1),
            var type when type == typeof(AdaptedModel) => new AdaptedModel(
                Toy.Extractor(hasNormalization: true),
                Toy.Predictor()
            ),
            var type when type == typeof(Tensor) => full([2, 2], 0.5),
            var type when type == typeof(IReadOnlyList<IKernel>) => new IKernel[] { new GaussianKernel(0.5) },
            var type when type == typeof(IReadOnlyList<long>) => new long[] { 4, 4 },
            var type when type == typeof(IReadOnlyList<double>) => new[] { 0.5, 0.5 },
            var type when type == typeof(DomainAttention) => new DomainAttention(8),
            var type when type == typeof(ILearnedView) => new LearnedShift(4),
            var type when type == typeof(int) => 2, // a number of sources
            var type when type == typeof(long) => 3L, // a number of columns
            var type when type == typeof(Schedule) => Schedule.Constant(1),
            var type when type == typeof(TrainingOptions) => new TrainingOptions(),
            var type when type == typeof(FreezingPlan) => FreezingPlan.None.FreezeFirst(1),
            var type when type == typeof(StartingPointPenalty) => new StartingPointPenalty(Toy.Extractor()),
            var type when type == typeof(SynapticIntelligence) => new SynapticIntelligence(Toy.Extractor()),
            var type when type == typeof(ElasticWeightConsolidation) => new ElasticWeightConsolidation(
                Toy.Extractor(),
                Toy.Predictor(),
                Toy.Source(rows: 4)
            ),
            var type when type == typeof(LinearPredictor) => new LogisticRegression().Fit(Toy.Source(rows: 8)),
            var type when type == typeof(ForestPredictor) => new RandomForest { Trees = 3 }.Fit(Toy.Source(rows: 8)),
            var type when type == typeof(GradientNormalization) => new GradientNormalization(
                Toy.Extractor(),
                new CrossEntropy(),
                new SquaredError()
            ),
            var type when type == typeof(UncertaintyWeighting) => new UncertaintyWeighting(
                new CrossEntropy(),
                new SquaredError()
            ),
            var type when type == typeof(LabeledDomain) => Toy.Source(rows: 4),
            var type when type == typeof(IReadOnlyList<LabeledDomain>) => new[] { Toy.Source(rows: 4) },
            var type when type == typeof(InverseGramDistance) => new InverseGramDistance(),
            var type when type == typeof(MeanTeacher) => new MeanTeacher(Toy.Extractor(), Toy.Predictor()),
            var type when type == typeof(BoundaryRefinement) => new BoundaryRefinement(
                Toy.Extractor(),
                Toy.Predictor()
            ),
            var type when type == typeof(Bridged) => new Bridged(8, 2),
            var type when type == typeof(IReadOnlyList<IFeatureExtractor>) => new IFeatureExtractor[]
            {
                Toy.Extractor(),
                new ModulePart(() => nn.Linear(8, 8)),
            },
            var type when type == typeof(IReadOnlyList<IDomainCritic>) => new IDomainCritic[]
            {
                Toy.Critic(),
                Toy.Critic(),
            },
            var type when type == typeof(IReadOnlyList<nn.Module<Tensor, Tensor>>) => new[]
            {
                Toy.Critic().Module,
                Toy.Critic().Module,
            }
                .Cast<nn.Module<Tensor, Tensor>>()
                .ToArray(),
            var type when type == typeof(IReadOnlyList<(IFeatureExtractor, ILabelPredictor)>) => new (
                IFeatureExtractor,
                ILabelPredictor
            )[]
            {
                (Toy.Extractor(), Toy.Predictor()),
                (Toy.Extractor(), Toy.Predictor()),
            },
            var type when type == typeof(OwnHeads) => new OwnHeads(Toy.Predictor()),
            var type when type == typeof(SourceBranches) => new SourceBranches((Toy.Extractor(), Toy.Predictor())),
            var type when type == typeof(ProgressiveColumn) => new ProgressiveColumn([
                new ProgressiveLayer(nn.Linear(4, 8), nn.ReLU()),
            ]),
            var type when type == typeof(RandomizedMultilinearMap) => new RandomizedMultilinearMap(8, 2, 16),
            var type => throw new NotSupportedException($"make a {type} here"),
        };

    /// <summary>An argument that no recipe takes by default, and what it is known by wherever it arrives.</summary>
    private static (object Argument, object Trace) Marked(ParameterInfo parameter)
    {
        if (parameter.ParameterType.IsEnum)
        {
            var other = Enum.GetValues(parameter.ParameterType)
                .Cast<object>()
                .Last(value => !value.Equals(parameter.DefaultValue));
            return (other, other);
        }
        if (parameter.ParameterType == typeof(IReadOnlyList<long>))
        {
            return (new long[] { 170, 4 }, 170L);
        }
        if (parameter.ParameterType == typeof(IReadOnlyList<double>))
        {
            return (new[] { 0.375, 0.625 }, 0.375);
        }
        object made = (Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType) switch
        {
            var type when type == typeof(int) => 17,
            var type when type == typeof(long) => 17L,
            var type when type == typeof(bool) => true,
            var type when type == typeof(double) => 0.375,
            var type when type == typeof(Func<IRowWeights, IObjective>) => new SquaredError(),
            _ => Made(parameter),
        };
        return parameter switch
        {
            { Name: "share" } => (made, 1 - (double)made), // cross-entropy has the rest
            { ParameterType: var type } when type == typeof(Func<IRowWeights, IObjective>) => (
                (Func<IRowWeights, IObjective>)(_ => (IObjective)made),
                made
            ),
            { ParameterType: var type } when type == typeof(IReadOnlyList<IKernel>) => (made, ((IKernel[])made)[0]),
            { ParameterType: var type } when type == typeof(IReadOnlyList<IFeatureExtractor>) => (
                made,
                ((IFeatureExtractor[])made)[0]
            ),
            { ParameterType: var type } when type == typeof(IReadOnlyList<(IFeatureExtractor, ILabelPredictor)>) => (
                made,
                (((IFeatureExtractor, ILabelPredictor)[])made)[0].Item1
            ),
            { ParameterType: var type } when type == typeof(IReadOnlyList<IDomainCritic>) => (
                made,
                ((IDomainCritic[])made)[0]
            ),
            _ => (made, made),
        };
    }

    private static HashSet<object> Values(object root) =>
        new(
            Reached(root),
            EqualityComparer<object>.Create(Same, thing => thing is ValueType ? thing.GetHashCode() : 0)
        );

    // Records are equal by value: only the very object that was given counts.
    private static bool Same(object? a, object? b) => a is ValueType ? a.Equals(b) : ReferenceEquals(a, b);

    /// <summary>
    /// Everything that a thing holds: fields of our types, entries of lists, what functions have captured.
    /// </summary>
    private static IEnumerable<object> Reached(object root)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Stack<object>([root]);
        while (open.TryPop(out var thing))
        {
            yield return thing;
            if (thing is string || !seen.Add(thing))
            {
                continue;
            }
            foreach (var inner in Inside(thing).OfType<object>())
            {
                open.Push(inner);
            }
        }
    }

    private static IEnumerable<object?> Inside(object thing) =>
        thing switch
        {
            Delegate function => [function.Target],
            nn.Module module => module.children(),
            IList list => list.Cast<object?>(),
            System.Runtime.CompilerServices.ITuple tuple => Enumerable.Range(0, tuple.Length).Select(i => tuple[i]),
            _ when thing.GetType().Assembly == typeof(Recipes).Assembly && !thing.GetType().IsEnum => thing
                .GetType()
                .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .Select(field => field.GetValue(thing)),
            _ => [],
        };

    [GeneratedRegex(@"Recipes\s*\.\s*(?<name>\w+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Named();
}
