#pragma warning disable TL1002 // experimental methods are tested, too
using System.Reflection;
using TransferLearning.Adversarial;
using TransferLearning.Augmentation;
using TransferLearning.Consistency;
using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.SelfSupervision;
using TransferLearning.Settings;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.LifetimeHost;

/// <summary>The smallest chain in which a method can stand, for every exported method and every recipe.</summary>
/// <param name="Name">The method's name.</param>
/// <param name="Shape">Sets what domains it needs.</param>
/// <param name="Build">Builds it.</param>
internal sealed record Chain(string Name, Action<Setting> Shape, Func<Setting, AdaptationBuilder> Build);

internal static class Chains
{
    private static readonly Type[] Exported = typeof(AdaptationBuilder).Assembly.GetExportedTypes();

    /// <summary>How a thing of each contract stands in a chain.</summary>
    private static readonly (Type Contract, Func<object, Setting, AdaptationBuilder> Build)[] Places =
    [
        (typeof(IAdaptationStage), Stage),
        (
            typeof(IInstanceWeighting),
            (made, set) => Learned(new AdaptationBuilder().Weight((IInstanceWeighting)made), set)
        ),
        (typeof(IFeatureMapping), (made, set) => Learned(new AdaptationBuilder().Map((IFeatureMapping)made), set)),
        (typeof(ILabelLearner), (made, _) => new AdaptationBuilder().Learn((ILabelLearner)made)),
        (typeof(IObjective), Objective),
        (typeof(IDiscrepancy), (made, set) => Trained(set, net => net.Align((IDiscrepancy)made))),
        (typeof(IAugmentation), (made, set) => Trained(set, net => net.Augment((IAugmentation)made))),
        (typeof(IBatchTransform), (made, set) => Trained(set, net => net.Augment((IBatchTransform)made))),
        (
            typeof(IRowWeights),
            (made, set) =>
                Trained(set, net => net.Minimize(new DomainAdversary(set.Critic(), weights: (IRowWeights)made)))
        ),
        (typeof(ITrainingHook), (made, set) => Trained(set, net => net.Use((ITrainingHook)made))),
        (
            typeof(ITrainingObserver),
            (made, set) =>
            {
                set.Observers.Add((ITrainingObserver)made);
                return Trained(set, _ => { });
            }
        ),
        (
            typeof(IParameterPlan),
            (made, set) =>
                made is AdapterPlan
                    ? Recipes.Lora(set.Adapted(), set.Predictor())
                    : Trained(set, net => net.Optimize(net.Extractor, plan: (IParameterPlan)made))
        ),
        (
            typeof(IFewShotRule),
            (made, set) =>
                Trained(
                    set,
                    net =>
                        net.Minimize(
                            new EpisodicTraining((IFewShotRule)made, set.Domain(16, 0.4))
                            {
                                Ways = 2,
                                Shots = 2,
                                Queries = 3,
                            }
                        )
                )
        ),
        (
            typeof(ITransportSolver),
            (made, set) => Learned(new AdaptationBuilder().Map(new OptimalTransport((ITransportSolver)made)), set)
        ),
        (
            typeof(ISubspaceObjective),
            (made, set) =>
                Learned(
                    new AdaptationBuilder().Map(new TransferSubspaceLearning { Objective = (ISubspaceObjective)made }),
                    set
                )
        ),
        (
            typeof(IKernel),
            (made, set) =>
                Learned(new AdaptationBuilder().Map(new TransferComponentAnalysis { Kernel = (IKernel)made }), set)
        ),
    ];

    /// <summary>Methods that need other domains than one source of two classes and rows of features.</summary>
    // Spaces of more rows meet within six features, at an angle of 0, where rounding decides what directions there are.
    private const int RowsApart = 2;

    private static readonly Dictionary<Type, Action<Setting>> Shapes = new()
    {
        [typeof(RepresentationSubspaceDistance)] = set => set.BatchSize = RowsApart,
        [typeof(SquaredError)] = set => set.HasValues = true,
        [typeof(MarginalRisk)] = set => set.IsMarginal = true,
        [typeof(CrossGradient)] = set => set.SourceCount = 2,
        [typeof(CrossGradientCritic)] = set => set.SourceCount = 2,
        [typeof(BinaryCrossEntropy)] = set => set.HasLabels = true,
        [typeof(KeypointDivergence)] = set => set.HasKeypoints = true,
        [typeof(KeypointPredictor)] = set => set.HasKeypoints = true,
        [typeof(RegressionDisparity)] = set => set.HasKeypoints = true,
        [typeof(GroundFalseDivergence)] = set => set.HasKeypoints = true,
        [typeof(RidgeRegression)] = set => set.HasValues = true,
        [typeof(WeightingAdversarialNetwork)] = set => set.HasValues = true,
        [typeof(ExpBoostR2)] = set => set.HasValues = true,
        [typeof(TrAdaBoostR2)] = set => set.HasValues = true,
        [typeof(TwoStageTrAdaBoostR2)] = set => set.HasValues = true,
        [typeof(CutMix)] = set => set.HasImages = true,
        [typeof(FourierDomainAdaptation)] = set => set.HasImages = true,
        [typeof(RotationPrediction)] = set => set.HasImages = true,
        [typeof(ImageTranslation)] = set => set.HasImages = true,
        [typeof(ImageRefinement)] = set => set.HasImages = true,
        [typeof(MultiSourceTrAdaBoost)] = set => set.SourceCount = 2,
        [typeof(TaskTrAdaBoost)] = set => set.SourceCount = 2,
        [typeof(JointClassProportionOptimalTransport)] = set => set.SourceCount = 2,
        [typeof(GaussianBarycenterAlignment)] = set => set.SourceCount = 2,
        [typeof(MomentMatching)] = set => set.SourceCount = 2,
        [typeof(UnknownBoundary)] = set => set.HasUnknown = true,
        [typeof(UnknownRows)] = set => set.HasUnknown = true,
        [typeof(MetaLearning)] = set => set.SourceCount = 2,
        [typeof(GradientMatching)] = set => set.SourceCount = 2,
        [typeof(BranchAlignment)] = set => (set.SourceCount, set.HasBranches) = (2, true),
        [typeof(BranchCrossEntropy)] = set => (set.SourceCount, set.HasBranches) = (2, true),
        [typeof(BranchDisagreement)] = set => (set.SourceCount, set.HasBranches) = (2, true),
        [typeof(OwnHeadCrossEntropy)] = set => (set.SourceCount, set.HasHeads) = (2, true),
        [typeof(MultipleSourceAdversary)] = set => set.SourceCount = 2,
        [typeof(GradientVariance)] = set => set.SourceCount = 2,
        [typeof(RiskExtrapolation)] = set => set.SourceCount = 2,
        [typeof(SourceAdversary)] = set => set.SourceCount = 2,
        [typeof(SourceAlignment)] = set => set.SourceCount = 2,
        [typeof(SourceMixup)] = set => set.SourceCount = 2,
    };

    /// <summary>Sets what domains a method needs.</summary>
    public static void Shape(Type type, Setting set)
    {
        set.HasImages = typeof(IAugmentation).IsAssignableFrom(type);
        Shapes.GetValueOrDefault(type)?.Invoke(set);
    }

    /// <summary>
    /// The smallest chain in which something that is made can stand, or null where it stands in none.
    /// </summary>
    public static AdaptationBuilder? Around(object made, Setting set) =>
        Places.FirstOrDefault(place => place.Contract.IsInstanceOfType(made)).Build?.Invoke(made, set);

    public static IEnumerable<Chain> All() => OfTypes().Concat(OfRecipes());

    private static IEnumerable<Chain> OfTypes() =>
        from type in Exported
        where type is { IsAbstract: false, IsInterface: false } && type != typeof(NetworkTraining)
        from place in Places
        where place.Contract.IsAssignableFrom(type)
        select new Chain(
            $"{type.Name} as {place.Contract.Name}",
            set => Shape(type, set),
            set => place.Build(set.Described(Makers.Make(type, set))!, set)
        );

    private static IEnumerable<Chain> OfRecipes() =>
        from recipe in typeof(Recipes).GetMethods(BindingFlags.Public | BindingFlags.Static)
        where recipe.ReturnType == typeof(AdaptationBuilder) // what returns a part is among the types
        // The overloads with modules do the same by parts.
        where recipe.GetParameters().All(it => it.ParameterType != typeof(nn.Module<Tensor, Tensor>))
        select new Chain(
            $"Recipes.{recipe.Name}",
            set =>
            {
                set.SourceCount =
                    recipe.Name is "Mfsan" or "M3sda" or "Mdan" or "VRex" or "Fishr" or "Mldg" or "Fish" or "CrossGrad"
                    || recipe.Name.StartsWith("Source", StringComparison.Ordinal)
                        ? 2
                        : 1;
                set.HasValues = recipe.Name is "Rsd" or "DareGram" or "MddRegression";
                set.HasKeypoints = recipe.Name is "Regda";
                set.BatchSize = recipe.Name is "Rsd" ? RowsApart : 4;
                set.HasUnknown = recipe.Name is "Osbp" or "Sta";
                set.HasImages =
                    recipe.Name
                        is "CutMix"
                            or "Cutout"
                            or "RandAugment"
                            or "TrivialAugment"
                            or "AugMix"
                            or "Fda"
                            or "CycleGan"
                            or "Cycada"
                            or "SimGan"
                            or "IbnNet";
            },
            set => (AdaptationBuilder)recipe.Invoke(null, [.. recipe.GetParameters().Select(it => Argument(it, set))])!
        );

    private static object? Argument(ParameterInfo parameter, Setting set) =>
        parameter switch
        {
            { IsOptional: true } => parameter.DefaultValue,
            { Name: "critic", Member.Name: "Cdan" } => set.Part(() => nn.Linear(2 * Setting.Width, 1)),
            { Name: "critic", Member.Name: "Gvb" } => set.Part(() => new Bridged(2, 1)).Module,
            { Name: "critic", Member.Name: "Advent" } => set.Part(() => nn.Linear(2, 1)),
            { Name: "network", Member.Name: "IbnNet" } => set.Part(() =>
                nn.Sequential(
                    nn.Conv2d(1, 2, 3),
                    new InstanceBatchNormalization(2),
                    nn.Flatten(),
                    nn.Linear(72, Setting.Width)
                )
            ),
            { Name: "extractor", Member.Name: "SemanticTransfer" } => new TappedExtractor(
                set.Part(() => nn.Sequential(nn.Linear(Setting.Width, Setting.Width), nn.Tanh())),
                "0"
            ),
            { Name: "network" } => set.Part(() =>
                nn.Sequential(
                    nn.Linear(Setting.Width, Setting.Width),
                    parameter.Member.Name switch
                    {
                        "TransNorm" => new TransferableNormalization(Setting.Width),
                        "StochNorm" => new StochasticNormalization(Setting.Width),
                        _ => new DomainSpecificBatchNormalization(Setting.Width),
                    }
                )
            ),
            { Name: "column" } => set.Part(() =>
                new ProgressiveColumn([new ProgressiveLayer(nn.Linear(Setting.Width, Setting.Width), nn.ReLU())])
            ).Module,
            { Name: "residual" } => set.Part(() => new ClassifierResidual(2)),
            { Name: "prototypes" } => set.Part(() => nn.Linear(3, 4, hasBias: false)),
            { Name: "adaptation" } => set.Part(() => nn.Linear(Setting.Width, Setting.Width)),
            { Name: "refiner" } => set.Part(Makers.Generator),
            { Name: "similarities" } => set.Similarities(),
            { Name: "penalty" or "consolidation" or "intelligence" or "weighting" or "balance" } => set.Described(
                Makers.Make(parameter.ParameterType, set)
            ),
            { Name: "extractor", Member.Name: "Lora" } => set.Adapted(),
            { Name: "predictor", Member.Name: "BiTuning" } => set.Part(() => nn.Linear(Setting.Width, 2)),
            { Name: "predictor" or "keyPredictor", Member.Name: "SimMatch" } => set.Predictor(),
            { Name: "projector", Member.Name: "SelfReg" } => set.Part(() => nn.Linear(Setting.Width, Setting.Width)),
            { Name: "domains", Member.Name: "CrossGrad" } => set.Part(() => nn.Linear(Setting.Width, 2)),
            { Name: "predictor", Member.Name: "Decision" } => set.Part(Makers.Mixed),
            { Name: "predictor", Member.Name: "Mtl" } => set.Part(() => nn.Linear(2 * Setting.Width, 2)),
            { Name: "context", Member.Name: "ArmCml" } => set.Part(() => nn.Linear(Setting.Width, 3)),
            { Name: "extractor", Member.Name: "ArmCml" } => set.Part(() => nn.Linear(Setting.Width + 3, Setting.Width)),
            { Name: "critic", Member.Name: "SourceCdann" } => set.Part(() => nn.Linear(Setting.Width + 2, 2)),
            { Name: "layers" } => (IReadOnlyList<nn.Module<Tensor, Tensor>>)[set.StyleLayer!],
            { Name: "extractor", Member.Name: "MixStyle" or "EfdMix" } => Styled(set),
            { Name: "projector" or "keyProjector" } => set.Part(() => nn.Linear(Setting.Width, 3)),
            { Name: "heads", Member.Name: "ShlMdnn" } => Makers.Make(typeof(OwnHeads), set),
            { Name: "heads", Member.Name: "Sta" } => set.Part(() => nn.Linear(Setting.Width, 2)),
            { Name: "heads" } => set.Part(() => nn.Linear(Setting.Width, 4)),
            { Name: "sources", Member.Name: "Fish" } => set.SourceCount,
            { Name: "classes", Member.Name: "Dah" or "Dhn" } => 2,
            { Name: "hash" } => set.Part(() => new HashLayer(Setting.Width, 3, normalizes: set.HasNormalization)),
            { Name: "ofFeatures" } => set.Part(() => nn.Linear(Setting.Width, 3)),
            { Name: "ofProbabilities" } => set.Part(() => nn.Linear(2, 3)),
            _ => Makers.Make(parameter.ParameterType, set),
        };

    private static ModulePart Styled(Setting set)
    {
        _ = set.Styled();
        return set.Extractor();
    }

    private static AdaptationBuilder Objective(object made, Setting set) =>
        made switch
        {
            // It moves parameters, and must be the first of its phase.
            MetaLearning first => new AdaptationBuilder().Train(
                set.Extractor(),
                set.Predictor(),
                net => net.Minimize(first)
            ),
            GradientMatching inTurns => Trained(
                set,
                net =>
                {
                    net.Main.Repeat(set.SourceCount);
                    net.Minimize(inTurns);
                }
            ),
            // An attention is the extractor's last link.
            AttendedCrossEntropy or LocalStructureClustering => new AdaptationBuilder().Train(
                ExtractorChain.Of(set.Extractor(), set.Part(() => new DomainAttention(Setting.Width))),
                set.Predictor(),
                net => net.Minimize((IObjective)made)
            ),
            _ => Trained(set, net => net.Minimize((IObjective)made)),
        };

    private static AdaptationBuilder Stage(object made, Setting set) =>
        made switch
        {
            // These stand on a network.
            AdaptiveBatchNormalization
            or AdversarialDiscriminativeAdaptation
            or ClassRebalancedSelfTraining
            or UnknownRejection => Trained(set, _ => { }).Add((IAdaptationStage)made),
            // These leave the learning to others.
            BalancedWeighting or BiWeighting or HeterogeneousSpectralMapping => Learned(
                new AdaptationBuilder().Add((IAdaptationStage)made),
                set
            ),
            ImageTranslation or ImageRefinement => new AdaptationBuilder()
                .Add((IAdaptationStage)made)
                .Train(set.Extractor(), set.Predictor(), net => net.Minimize(new CrossEntropy())),
            _ => new AdaptationBuilder().Add((IAdaptationStage)made),
        };

    private static AdaptationBuilder Learned(AdaptationBuilder builder, Setting set) =>
        builder.Learn((ILabelLearner)Makers.Make(typeof(ILabelLearner), set)!);

    private static AdaptationBuilder Trained(Setting set, Action<NetworkTraining> configure) =>
        new AdaptationBuilder().Train(
            set.Extractor(),
            set.HasBranches ? (SourceBranches)Makers.Make(typeof(SourceBranches), set)!
                : set.HasHeads ? (OwnHeads)Makers.Make(typeof(OwnHeads), set)!
                : set.HasKeypoints ? new KeypointPredictor(set.Predictor())
                : set.IsMarginal ? Makers.Marginal(set)
                : set.Predictor(),
            net =>
            {
                net.Minimize(
                    set.HasKeypoints ? new KeypointDivergence()
                    : set.HasValues ? new SquaredError()
                    : set.HasLabels ? new BinaryCrossEntropy()
                    : set.IsMarginal ? new MarginalRisk()
                    : new CrossEntropy()
                );
                configure(net);
            }
        );
}
