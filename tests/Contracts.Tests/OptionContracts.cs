using System.Globalization;
using System.Reflection;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Predictors;
using TransferLearning.Selection;
using TransferLearning.Tests.LifetimeHost;
using TransferLearning.Theory;
using TransferLearning.Training;
using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace Contracts.Tests;

/// <summary>
/// Every numeric option declares its legal numbers: a chain names a wrong one before anything is computed, and a direct
/// call throws it.
/// </summary>
public sealed class OptionContracts : IDisposable
{
    private static readonly Type[] Exported = typeof(AdaptationBuilder).Assembly.GetExportedTypes();

    /// <summary>Options for which every number is legal, and why.</summary>
    private static readonly Dictionary<string, string> EveryNumberIsLegal = new(StringComparer.Ordinal)
    {
        ["FitOptions.Seed"] = "a seed is any number",
        ["RandomForest.Seed"] = "a seed is any number",
        ["NetworkLearner.Seed"] = "a seed is any number",
        ["ProxyADistance.Seed"] = "a seed is any number",
        ["AttributeEmbedding.Seed"] = "a seed is any number",
        ["CalibratedStacking.Seed"] = "a seed is any number",
        ["ClusterAgreement.Seed"] = "a seed is any number",
        ["MixedSampleConsistency.Seed"] = "a seed is any number",
        ["VisualSemanticEmbedding.Seed"] = "a seed is any number",
    };

    /// <summary>Types with numbers that stand in no chain, and why.</summary>
    private static readonly Dictionary<Type, string> InNoChain = new()
    {
        [typeof(ProxyADistance)] = "a measure by itself",
        [typeof(TotalVariation)] = "a measure by itself",
        [typeof(MaximumMeanDiscrepancyTest)] = "a measure by itself",
        [typeof(DisparityDiscrepancy)] = "a measure by itself",
        [typeof(AdaptationBound)] = "a measure by itself",
        [typeof(CrossLabeling)] = "a measure by itself",
        [typeof(ClassConditionalDistance)] = "a measure by itself",
        [typeof(ShiftDiagnosis)] = "a measure by itself",
        [typeof(LogMaximumEvidence)] = "a measure by itself",
        [typeof(TransRate)] = "a measure by itself",
        [typeof(GaussianBhattacharyya)] = "a measure by itself",
        [typeof(GaussianMixturePrediction)] = "a measure by itself",
        [typeof(SourceRanking)] = "a measure by itself",
        [typeof(ConformalPrediction)] = "it judges fitted models",
        [typeof(TemperatureScaling)] = "it calibrates fitted models",
        [typeof(NegativeTransferGuard)] = "it fits chains",
        [typeof(AdaptationSearch)] = "it fits chains",
        [typeof(SuccessiveHalving)] = "it is options of a search",
        [typeof(MultilingualTranslation)] = "it learns from pairs of sentences, not from domains",
        [typeof(FeatureClustering)] = "it groups rows, and adapts nothing",
        [typeof(GuardVerdict)] = "a result",
        [typeof(ScoreVote)] = "a result",
        [typeof(RankedBackbone)] = "a result",
        [typeof(RankedCandidate)] = "a result",
        [typeof(RankedSource)] = "a result",
        [typeof(SearchProgress)] = "what an observer of a search sees",
        [typeof(OptionRangeAttribute)] = "the declaration itself",
        [typeof(ParameterGroup)] = "what a parameter plan makes",
        [typeof(BiWeights)] = "a result",
        [typeof(AdversarialEpoch)] = "a result",
        [typeof(TrainingView)] = "what hooks see",
    };

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Setting setting = new() { SourceCount = 1 };

    public static TheoryData<Type> Described() =>
        [.. Exported.Where(type => IsDescription(type) && Options(type).Any())];

    [Fact]
    public void EveryNumericOption_DeclaresItsRangeOrIsListed()
    {
        var open = Exported
            .Where(type => type is { IsClass: true } && !type.IsAssignableTo(typeof(Exception)))
            .Where(type => !InNoChain.ContainsKey(type))
            .SelectMany(type => Options(type).Select(option => (Type: type, Option: option)))
            .Where(pair => !IsDescription(pair.Type) || pair.Option.GetCustomAttribute<OptionRangeAttribute>() is null)
            .Select(pair => $"{pair.Type.Name}.{pair.Option.Name}")
            .Except(EveryNumberIsLegal.Keys, StringComparer.Ordinal);

        Assert.Empty(open);
        Assert.All(InNoChain.Keys, type => Assert.True(Options(type).Any() && !IsDescription(type), type.Name));
    }

    [Theory]
    [MemberData(nameof(Described))]
    public void Chain_WithAnIllegalNumber_NamesTypeAndOptionBeforeAnythingIsComputed(Type type)
    {
        Chains.Shape(type, setting);
        var missed = new List<string>();
        foreach (var (option, value) in Illegal(type))
        {
            var said = Planned(type, option, value);
            if (!said.Exists(fault => fault.Contains(type.Name, StringComparison.Ordinal) && Names(fault, option)))
            {
                missed.Add($"{option.Name} = {Text(value)}: {string.Join("; ", said)}");
            }
        }

        Assert.Empty(missed);
    }

    [Theory]
    [MemberData(nameof(Described))]
    public void Call_WithAnIllegalNumber_ThrowsItsName(Type type)
    {
        Chains.Shape(type, setting);
        var missed = new List<string>();
        foreach (var (option, value) in Illegal(type))
        {
            var made = Made(type, option, value);
            if (Call(made) is not { } call)
            {
                Assert.SkipUnless(made is IAdaptationStage or IObjective or IBatchTransform, "it is options of others");
                continue;
            }
            var thrown = Record.Exception(call);
            if (thrown is not ArgumentOutOfRangeException { ParamName: { } name } || name != option.Name)
            {
                missed.Add($"{option.Name} = {Text(value)}: {thrown?.GetType().Name} {thrown?.Message}");
            }
        }

        Assert.Empty(missed);
    }

    public void Dispose()
    {
        setting.DisposeDescriptions();
        setting.Dispose();
        scope.Dispose();
    }

    private static bool IsDescription(Type type) =>
        type is { IsAbstract: false, IsInterface: false }
        && (typeof(IPlanned).IsAssignableFrom(type) || typeof(IAdaptationStage).IsAssignableFrom(type));

    private static IEnumerable<PropertyInfo> Options(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(option =>
                option.SetMethod is { IsPublic: true }
                && option.GetIndexParameters().Length == 0
                && NumberOf(option.PropertyType) is not null
            );

    private static Type? NumberOf(Type type)
    {
        var inner = type == typeof(IReadOnlyList<double>) ? typeof(double) : Nullable.GetUnderlyingType(type) ?? type;
        return inner == typeof(int) || inner == typeof(long) || inner == typeof(double) ? inner : null;
    }

    /// <summary>
    /// The illegal neighbors of an option's legal numbers. That -1 and NaN are illegal everywhere is part of the
    /// contract.
    /// </summary>
    private static IEnumerable<(PropertyInfo Option, object Value)> Illegal(Type type)
    {
        foreach (var option in Options(type).Where(it => !EveryNumberIsLegal.ContainsKey($"{type.Name}.{it.Name}")))
        {
            var range = option.GetCustomAttribute<OptionRangeAttribute>()!;
            var edges = new[] { range.AtLeast - 1, range.Above, range.AtMost + 1, range.Below }
                .Where(double.IsFinite)
                .Append(0)
                .Where(number => !range.Allows(number));
            IEnumerable<double> numbers = [-1, .. edges];
            if (NumberOf(option.PropertyType) == typeof(double))
            {
                numbers = [.. numbers, double.NaN, double.NegativeInfinity];
                numbers = range.AllowsInfinity ? numbers : [.. numbers, double.PositiveInfinity];
            }
            foreach (var number in numbers.Distinct())
            {
                yield return (
                    option,
                    option.PropertyType == typeof(IReadOnlyList<double>)
                        ? new[] { 1, number }
                        : Convert.ChangeType(number, NumberOf(option.PropertyType)!, CultureInfo.InvariantCulture)
                );
            }
        }
    }

    private object Made(Type type, PropertyInfo option, object value)
    {
        var made = type == typeof(CheckpointOptions) ? new CheckpointOptions("nowhere") : Makers.Make(type, setting)!;
        setting.Described(made);
        option.SetValue(made, value);
        return made;
    }

    private List<string> Planned(Type type, PropertyInfo option, object value)
    {
        var made = Made(type, option, value);
        setting.Observers.Clear();
        var around = made is SphericalClustering clustering
            ? new ContrastiveDomainDiscrepancy { Clustering = clustering }
            : made;
        var chain = Chains.Around(around, setting) ?? new AdaptationBuilder().Learn(new LogisticRegression());
        var options = setting.Options();
        options = made switch
        {
            FitOptions run => run,
            TrainingOptions training => options with { Training = training },
            CheckpointOptions checkpoints => options with { Checkpoints = checkpoints },
            IModelScore score => options with { Training = options.Training with { Validation = score } },
            _ => options,
        };
        var thrown = Record.Exception(() =>
            chain.FitFewShot(setting.Sources(), setting.Target(), setting.Few(), options).Dispose()
        );
        return thrown is InvalidAdaptationException refused
            ? [.. refused.Faults]
            : [$"{thrown?.GetType().Name ?? "nothing was thrown"} {thrown?.Message}"];
    }

    /// <summary>The direct call of a description, where its contract has one.</summary>
    private Action? Call(object made)
    {
        var domains = new DomainSet(setting.Sources(), setting.Target(), setting.Few());
        var (source, context) = (domains.Sources[0], FitContext.Seeded(1));
        return made switch
        {
            IFeatureMapping mapping => () => mapping.Fit(domains, context),
            IInstanceWeighting weighting => () => weighting.Weigh(source, domains.Target, context),
            ILabelLearner learner => () => learner.Fit(source),
            IDiscrepancy discrepancy => () => discrepancy.Between(source.Inputs, domains.Target.Inputs),
            ITransportSolver solver => () =>
                solver.Plan(new TransportProblem(ones(3, 3, dtype: float64), ones(3) / 3, ones(3) / 3)),
            IObjective objective => () => objective.Evaluate(Step(domains)),
            IModelScore score => () => score.Score(setting.Extractor(), setting.Predictor(), domains),
            IAugmentation view => () => view.Apply(source.Inputs, new RandomKey(1)),
            _ => null,
        };
    }

    private StepContext Step(DomainSet domains)
    {
        LabeledBatch Labeled(LabeledDomain domain, DomainId id) =>
            new(domain.Inputs, domain.Labels, id, arange(domain.Count, dtype: int64), null, domain.Space);
        var batch = new StepBatch(
            [.. domains.Sources.Select((domain, i) => Labeled(domain, DomainId.Source(i)))],
            new UnlabeledBatch(domains.Target.Inputs, DomainId.Target, arange(domains.Target.Count, dtype: int64)),
            Labeled(domains.LabeledTarget!, DomainId.Target)
        );
        return StepContext.For(batch, setting.Extractor(), setting.Predictor());
    }

    private static bool Names(string fault, PropertyInfo option) =>
        fault.Contains($"{option.Name} must", StringComparison.Ordinal);

    private static string Text(object value) =>
        value is double[] numbers ? string.Join(", ", numbers) : Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
