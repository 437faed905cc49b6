using System.Reflection;
using TorchSharp.Modules;
using TransferLearning.Adversarial;
using TransferLearning.Augmentation;
using TransferLearning.Consistency;
using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Predictors;
using TransferLearning.Selection;
using TransferLearning.SelfSupervision;
using TransferLearning.SelfTraining;
using TransferLearning.Settings;
using TransferLearning.Training;
using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace TransferLearning.Tests.LifetimeHost;

/// <summary>
/// How what constructors and methods ask for is made. A type that is not here is made by its shortest constructor.
/// </summary>
internal static class Makers
{
    private static readonly Dictionary<Type, Func<Setting, object?>> ByType = new()
    {
        [typeof(ILabelLearner)] = setting => new Watched(
            setting.HasValues ? new RidgeRegression() : new LogisticRegression(),
            setting
        ),
        [typeof(IDomainCritic)] = setting => setting.Critic(),
        [typeof(IFeatureExtractor)] = setting => setting.Extractor(),
        [typeof(ILabelPredictor)] = setting => setting.Predictor(),
        [typeof(IReadOnlyList<ILabelPredictor>)] = setting =>
            (IReadOnlyList<ILabelPredictor>)[setting.Predictor(), setting.Predictor()],
        [typeof(ModulePart)] = setting => setting.Extractor(),
        [typeof(nn.Module<Tensor, Tensor>)] = setting => setting.Extractor().Module,
        [typeof(ITrainable)] = setting => setting.Extractor(),
        [typeof(nn.Module)] = setting => setting.Extractor().Module,
        [typeof(IAugmentation)] = _ => new Shifted(),
        [typeof(IReadOnlyList<IAugmentation>)] = _ => (IReadOnlyList<IAugmentation>)[new Shifted(), new Shifted()],
        [typeof(IReadOnlyList<nn.Module<Tensor, Tensor>>)] = _ => (IReadOnlyList<nn.Module<Tensor, Tensor>>)[],
        [typeof(SimilaritySmoothing)] = setting => new SimilaritySmoothing(setting.Similarities()),
        [typeof(nn.Module<Tensor, Tensor>)] = setting => (nn.Module<Tensor, Tensor>)setting.Extractor().Module,
        [typeof(TestTimeEntropy)] = setting => new TestTimeEntropy(setting.Model()),
        [typeof(MarginalEntropy)] = setting => new MarginalEntropy(setting.Model(), new Shifted(), views: 2),
        [typeof(TestTimeNormalization)] = setting => new TestTimeNormalization(setting.Model()),
        [typeof(ImageRange)] = _ => ImageRange.Between(-3, 5),
        [typeof(IKernel)] = _ => new GaussianKernel(),
        [typeof(IReadOnlyList<IKernel>)] = _ => (IReadOnlyList<IKernel>)[new GaussianKernel()],
        [typeof(ITransportSolver)] = _ => new EntropicTransport(0.5),
        [typeof(IDiscrepancy)] = _ => new DeepCorrelationAlignment(),
        [typeof(Func<Tensor, Tensor, double>)] = _ =>
            (Func<Tensor, Tensor, double>)(
                (source, target) =>
                {
                    using var gap = new LinearDiscrepancy().Between(source, target);
                    return gap.ToDouble();
                }
            ),
        [typeof(IInstanceWeighting)] = _ => new KernelDensityWeighting(),
        [typeof(IReadOnlyList<long>)] = _ => (IReadOnlyList<long>)[3, 3],
        [typeof(IReadOnlyList<double>)] = _ => (IReadOnlyList<double>)[0.5, 0.5],
        [typeof(DomainAttention)] = setting =>
            (DomainAttention)setting.Part(() => new DomainAttention(Setting.Width)).Module,
        [typeof(ILearnedView)] = setting => setting.Owned(new LearnedShift(Setting.Width)),
        [typeof(LearnedShift)] = setting => setting.Owned(new LearnedShift(Setting.Width)),
        [typeof(LearnedImageView)] = setting => setting.Owned(new LearnedImageView(1)),
        [typeof(LearnedView)] = setting => new LearnedView(setting.Owned(new LearnedImageView(1))),
        [typeof(FitContext)] = setting => setting.Context(),
        [typeof(FitOptions)] = setting => setting.Options(),
        [typeof(IProgress<TrainingProgress>)] = setting => setting.Progress(),
        [typeof(CancellationToken)] = setting => setting.Cancellation,
        [typeof(LabeledDomain)] = setting => setting.Domain(32, 0),
        [typeof(UnlabeledDomain)] = setting => setting.Target(),
        [typeof(IReadOnlyList<LabeledDomain>)] = setting => setting.Sources(),
        [typeof(DomainSet)] = setting => new DomainSet(setting.Sources(), setting.Target(), setting.Few()),
        [typeof(RandomKey)] = _ => new RandomKey(3),
        [typeof(DomainId)] = _ => DomainId.Target,
        [typeof(Func<nn.Module<Tensor, Tensor>>)] = setting =>
            (Func<nn.Module<Tensor, Tensor>>)(
                () => nn.Linear(Setting.Width, setting.HasValues ? 1 : 2, dtype: setting.Type)
            ),
        [typeof(MeanTeacher)] = setting => new MeanTeacher(setting.Extractor(), setting.Predictor())
        {
            StudentView = new Shifted(),
        },
        [typeof(AdversarialJointMaximumMeanDiscrepancy)] = setting => new AdversarialJointMaximumMeanDiscrepancy(
            setting.Part(() => nn.Linear(Setting.Width, 3)),
            setting.Part(() => nn.Linear(2, 3))
        ),
        [typeof(StyleMixing)] = setting => new StyleMixing(setting.Styled()) { Probability = 1 },
        [typeof(SelfRegularization)] = setting => new SelfRegularization(
            setting.Part(() => nn.Linear(Setting.Width, Setting.Width))
        ),
        [typeof(SourceBranches)] = setting => new SourceBranches([
            .. Enumerable
                .Range(0, setting.SourceCount)
                .Select(_ =>
                    (
                        (IFeatureExtractor)setting.Part(() => nn.Linear(Setting.Width, 3)),
                        (ILabelPredictor)setting.Part(() => nn.Linear(3, 2))
                    )
                ),
        ]),
        [typeof(ConditionalDomainAdversary)] = setting => new ConditionalDomainAdversary(
            setting.Part(() => nn.Linear(8, 1)),
            setting.Owned(new RandomizedMultilinearMap(Setting.Width, 2, 8))
        )
        {
            Entropy = EntropyConditioning.PerDomain,
        },
        [typeof(PseudoGroupContrast)] = setting => new PseudoGroupContrast(
            setting.Part(() => nn.Linear(Setting.Width, 3)),
            setting.Extractor(),
            setting.Part(() => nn.Linear(Setting.Width, 3)),
            new Shifted()
        )
        {
            Keys = 3,
        },
        [typeof(SimMatch)] = setting => new SimMatch(
            setting.Part(() => nn.Linear(Setting.Width, 3)),
            setting.Extractor(),
            setting.Predictor(),
            setting.Part(() => nn.Linear(Setting.Width, 3)),
            new Shifted()
        ),
        [typeof(CoMatch)] = setting => new CoMatch(setting.Part(() => nn.Linear(Setting.Width, 3)), new Shifted())
        {
            Keys = 5,
        },
        [typeof(DistributionAligningRefinery)] = _ => new DistributionAligningRefinery(new Shifted())
        {
            WarmUp = 0,
            Interval = 1,
        },
        [typeof(IReadOnlyList<(IFeatureExtractor, ILabelPredictor)>)] = setting =>
            (IReadOnlyList<(IFeatureExtractor, ILabelPredictor)>)
                [(setting.Extractor(), setting.Predictor()), (setting.Extractor(), setting.Predictor())],
        [typeof(IUnknownRule)] = _ => new EntropyRule(),
        [typeof(EntropyRule)] = _ => new EntropyRule(0.4),
        [typeof(ConfidenceRule)] = _ => new ConfidenceRule(0.6),
        [typeof(ClassSimilarity)] = setting => new ClassSimilarity(setting.Part(() => nn.Linear(Setting.Width, 2))),
        [typeof(KnownSeparation)] = setting => new KnownSeparation(
            setting.Part(() => nn.Linear(Setting.Width, 2)),
            setting.Critic()
        ),
        [typeof(ExampleTransfer)] = setting => new ExampleTransfer(setting.Part(() => nn.Linear(Setting.Width, 2))),
        [typeof(ClassifierResidual)] = setting => setting.Part(() => new ClassifierResidual(2)).Module,
        [typeof(ResidualCrossEntropy)] = setting => new ResidualCrossEntropy(
            setting.Part(() => new ClassifierResidual(2))
        ),
        [typeof(BackgroundRows)] = _ => new BackgroundRows(1),
        [typeof(FineTunedHead)] = _ => new FineTunedHead { Passes = 3 },
        [typeof(OwnHeads)] = setting => new OwnHeads([
            .. Enumerable
                .Range(0, setting.SourceCount + 1)
                .Select(_ => (ILabelPredictor)setting.Part(() => nn.Linear(Setting.Width, 2))),
        ]),
        [typeof(GradientMatching)] = setting => new GradientMatching(Math.Max(2, setting.SourceCount)),
        [typeof(OneVersusAll)] = setting => new OneVersusAll(setting.Part(() => nn.Linear(Setting.Width, 4))),
        [typeof(OneVersusAllEntropy)] = setting => new OneVersusAllEntropy(
            setting.Part(() => nn.Linear(Setting.Width, 4))
        ),
        [typeof(OneVersusAllRule)] = setting => new OneVersusAllRule(setting.Part(() => nn.Linear(Setting.Width, 4))),
        [typeof(ClassDescriptions)] = setting => setting.Descriptions(),
        [typeof(IZeroShotLearner)] = setting => Generalized(new EmbarrassinglySimpleZeroShot(setting.Descriptions())),
        [typeof(AttributeEmbedding)] = setting => Generalized(new AttributeEmbedding(setting.Descriptions())),
        [typeof(ConvexSemanticCombination)] = setting =>
            Generalized(new ConvexSemanticCombination(setting.Descriptions(), Learner(setting))),
        [typeof(DirectAttributePrediction)] = setting =>
            Generalized(new DirectAttributePrediction(setting.Descriptions(), Learner(setting))),
        [typeof(EmbarrassinglySimpleZeroShot)] = setting =>
            Generalized(new EmbarrassinglySimpleZeroShot(setting.Descriptions())),
        [typeof(IndirectAttributePrediction)] = setting =>
            Generalized(new IndirectAttributePrediction(setting.Descriptions(), Learner(setting))),
        [typeof(SemanticAutoencoder)] = setting => Generalized(new SemanticAutoencoder(setting.Descriptions())),
        [typeof(VisualSemanticEmbedding)] = setting => Generalized(new VisualSemanticEmbedding(setting.Descriptions())),
        [typeof(SiameseSimilarity)] = setting => new SiameseSimilarity(
            setting.Part(() => nn.Linear(Setting.Width, 3)),
            setting.Part(() => nn.Linear(3, 3)),
            new Shifted()
        ),
        [typeof(BootstrapLatent)] = setting => new BootstrapLatent(
            setting.Part(() => nn.Linear(Setting.Width, 3)),
            setting.Part(() => nn.Linear(3, 3)),
            setting.Extractor(),
            setting.Part(() => nn.Linear(Setting.Width, 3)),
            new Shifted()
        ),
        [typeof(MomentumContrast)] = setting => new MomentumContrast(
            setting.Part(() => nn.Linear(Setting.Width, 3)),
            setting.Extractor(),
            setting.Part(() => nn.Linear(Setting.Width, 3)),
            new Shifted()
        )
        {
            Keys = 5,
        },
        [typeof(SwappedAssignment)] = setting => new SwappedAssignment(
            setting.Part(() => nn.Linear(Setting.Width, 3)),
            setting.Part(() => nn.Linear(3, 4, hasBias: false)),
            new Shifted()
        )
        {
            Queue = 5,
            QueueFrom = 0,
            HeldShare = 0,
        },
        [typeof(SupervisedContrast)] = setting => new SupervisedContrast(
            setting.Part(() => nn.Linear(Setting.Width, 3)),
            new Shifted()
        ),
        [typeof(ContrastivePredictiveCoding)] = setting => new ContrastivePredictiveCoding(
            setting.Part(() => nn.Sequential(nn.Unflatten(1, [3, 2]), nn.Linear(2, 2))),
            setting.Part(() => nn.Linear(2, 3)),
            setting.Part(() => nn.Linear(3, 2))
        ),
        [typeof(RotationPrediction)] = setting => new RotationPrediction(
            setting.Part(() => nn.Linear(Setting.Width, 4))
        ),
        [typeof(MaskedAutoencoding)] = setting => new MaskedAutoencoding(
            setting.Part(() => nn.Linear(Setting.Width, Setting.Width))
        ),
        [typeof(SparseCoding)] = _ => new SparseCoding
        {
            Atoms = 5,
            Rounds = 3,
            Iterations = 9,
        },
        [typeof(ConvolutionalSparseCoding)] = _ => new ConvolutionalSparseCoding(1, 2, Setting.Width / 2, [1, 2])
        {
            Filters = 3,
            MaxRounds = 3,
            Iterations = 9,
        },
        [typeof(AutoencoderFeatures)] = _ => new AutoencoderFeatures { Components = 3, MaxSteps = 9 },
        [typeof(FeatureMapPenalty)] = setting => new FeatureMapPenalty(
            setting.Part(() => nn.Linear(Setting.Width, 3)),
            setting.Part(() => nn.Linear(Setting.Width, 3))
        ),
        [typeof(BiTuning)] = setting => new BiTuning(
            setting.Part(() => nn.Linear(Setting.Width, 3)),
            setting.Extractor(),
            setting.Part(() => nn.Linear(Setting.Width, 3)),
            new Shifted()
        )
        {
            Keys = 3,
        },
        [typeof(ElasticWeightConsolidation)] = setting =>
            setting.Owned(
                new ElasticWeightConsolidation(
                    setting.Extractor(),
                    setting.Predictor(),
                    setting.Domain(8, 0.4),
                    rows: 3
                )
            ),
        [typeof(LayerTransfer)] = _ => new LayerTransfer(1) { Freezes = true },
        [typeof(AdapterPlan)] = _ => new AdapterPlan(),
        [typeof(IFewShotRule)] = _ => new PrototypicalNetwork(),
        [typeof(EpisodicTraining)] = setting => new EpisodicTraining(new PrototypicalNetwork(), setting.Domain(16, 0.4))
        {
            Ways = 2,
            Shots = 2,
            Queries = 3,
        },
        [typeof(RelationNetwork)] = setting => new RelationNetwork(setting.Part(() => nn.Linear(2 * Setting.Width, 1))),
        [typeof(LinearPredictor)] = setting =>
            setting.Owned((LinearPredictor)new LogisticRegression().Fit(setting.Domain(16, 0.7))),
        [typeof(ForestPredictor)] = setting =>
            setting.Owned((ForestPredictor)new RandomForest { Trees = 3 }.Fit(setting.Domain(16, 0.7))),
        [typeof(GradientNormalization)] = setting => new GradientNormalization(
            setting.Extractor(),
            new TransferLearning.Objectives.CrossEntropy(),
            new BatchSpectralShrinkage()
        ),
        [typeof(UncertaintyWeighting)] = setting =>
            setting.Owned(
                new UncertaintyWeighting(new TransferLearning.Objectives.CrossEntropy(), new BatchSpectralShrinkage())
            ),
        [typeof(RandomizedMultilinearMap)] = setting =>
            setting.Owned(new RandomizedMultilinearMap(Setting.Width, 2, 8)),
        [typeof(IReadOnlyList<IDomainCritic>)] = setting =>
            (IReadOnlyList<IDomainCritic>)[setting.Critic(), setting.Critic()],
        [typeof(IReadOnlyList<IFeatureExtractor>)] = setting =>
            (IReadOnlyList<IFeatureExtractor>)
                [setting.Extractor(), setting.Part(() => nn.Linear(Setting.Width, Setting.Width))],
        [typeof(TappedExtractor)] = setting => new TappedExtractor(
            setting.Part(() => nn.Sequential(nn.Linear(Setting.Width, Setting.Width), nn.Tanh())),
            "0"
        ),
        [typeof(IReadOnlyList<LayerTap>)] = _ => (IReadOnlyList<LayerTap>)["0"],
        [typeof(LayerTap)] = _ => new LayerTap("0"),
        [typeof(SpectralNormalization)] = setting =>
            setting.Part(() => new SpectralNormalization(nn.Linear(Setting.Width, 1))).Module,
        [typeof(LayerAdversary)] = setting => new LayerAdversary([setting.Critic()]),
        [typeof(Bridged)] = setting => setting.Part(() => new Bridged(Setting.Width, 2)).Module,
        [typeof(ResidualGenerator)] = setting => setting.Part(Generator).Module,
        [typeof(PatchCritic)] = setting => setting.Part(Patches).Module,
        [typeof(IPatchCritic)] = setting => setting.Part(Patches),
        [typeof(TranslationNetworks)] = setting => new TranslationNetworks(
            setting.Part(Generator),
            setting.Part(Generator),
            setting.Part(Patches),
            setting.Part(Patches)
        ),
        [typeof(ImageRefinement)] = setting => new ImageRefinement(setting.Part(Generator), setting.Part(Patches)),
        [typeof(CosineClassifier)] = setting => setting.Part(() => new CosineClassifier(Setting.Width, 2)).Module,
        [typeof(HashLayer)] = setting => setting.Part(() => new HashLayer(Setting.Width, 3)).Module,
        [typeof(StochasticClassifier)] = setting =>
            setting.Part(() => new StochasticClassifier(Setting.Width, 2)).Module,
        [typeof(VanishingBridge)] = setting => new VanishingBridge(
            setting.Predicting(() => new Bridged(Setting.Width, 2)),
            (Bridged)setting.Part(() => new Bridged(2, 1)).Module
        ),
        [typeof(BoundaryRefinement)] = setting => new BoundaryRefinement(setting.Extractor(), setting.Predictor())
        {
            Interval = 2,
        },
        [typeof(EntropyAdversary)] = setting => new EntropyAdversary(setting.Part(() => nn.Linear(2, 1))),
        [typeof(EntropyCritic)] = setting => new EntropyCritic(setting.Part(() => nn.Linear(2, 1))),
        [typeof(WeightingAdversarialNetwork)] = _ => new WeightingAdversarialNetwork { Steps = 5 },
        [typeof(ImportanceWeightingNetwork)] = _ => new ImportanceWeightingNetwork { Steps = 5 },
        [typeof(NetworkLearner)] = setting => new NetworkLearner(
            (Func<nn.Module<Tensor, Tensor>>)Make(typeof(Func<nn.Module<Tensor, Tensor>>), setting)!
        )
        {
            Options = new TrainingOptions { Steps = 3 },
        },
        [typeof(GromovWassersteinMap)] = _ => new GromovWassersteinMap { Solver = new GromovTransport(0.5) },
        [typeof(GroupLassoTransport)] = _ => new GroupLassoTransport { Tolerance = 1e-3 },
        [typeof(DenseWeightAveraging)] = setting => new DenseWeightAveraging(setting.Domain(12, 0.2)) { Every = 1 },
        [typeof(CrossGradient)] = setting => Crossing(setting),
        [typeof(CrossGradientCritic)] = setting => new CrossGradientCritic(Crossing(setting)),
        [typeof(SourceMixture)] = setting => (SourceMixture)setting.Part(Mixed).Module,
        [typeof(MixedCentroidLabels)] = setting =>
        {
            _ = setting.Predicting(Mixed);
            return new MixedCentroidLabels();
        },
        [typeof(MarginalPredictor)] = setting => Marginal(setting),
        [typeof(ContextualExtractor)] = setting => new ContextualExtractor(
            setting.Part(() => nn.Linear(Setting.Width, 3)),
            setting.Part(() => nn.Linear(Setting.Width + 3, Setting.Width))
        ),
        [typeof(BatchNorm2d)] = setting => (BatchNorm2d)setting.Part(() => nn.BatchNorm2d(4)).Module,
        [typeof(InstanceBatchNormalization)] = setting =>
            (InstanceBatchNormalization)setting.Part(() => new InstanceBatchNormalization(2)).Module,
        [typeof(RepresentationSubspaceDistance)] = _ => new RepresentationSubspaceDistance(0.01),
        [typeof(GaussianKernel)] = _ => new GaussianKernel(0.5),
        [typeof(PolynomialKernel)] = _ => new PolynomialKernel(2),
        [typeof(AdaptationSearch)] = _ => new AdaptationSearch { Candidates = [new("plain", Plain)] },
        [typeof(AdaptedModel)] = setting => setting.Model(),
        [typeof(GuardVerdict)] = setting => new GuardVerdict(setting.Model(), true, [], 2, 2),
        [typeof(CalibratedModel)] = setting => new CalibratedModel(setting.Model(), 2),
        [typeof(IReadOnlyList<AdaptedModel>)] = setting => new[] { setting.Model(), setting.Model() },
        [typeof(IReadOnlyList<RankedSource>)] = setting =>
            setting.Sources().Select((_, source) => new RankedSource(source, 1, 0, 2, 1)).ToList(),
        [typeof(NegativeTransferGuard)] = _ => new NegativeTransferGuard
        {
            Plain = Plain,
            Adapted = () => new AdaptationBuilder().Map(new CorrelationAlignment()).Learn(new LogisticRegression()),
        },
        [typeof(Func<AdaptationBuilder>)] = _ => (Func<AdaptationBuilder>)Plain,
        [typeof(Func<FitOptions, AdaptationBuilder>)] = _ => (Func<FitOptions, AdaptationBuilder>)(_ => Plain()),
        [typeof(Func<CandidateSettings, AdaptationBuilder>)] = _ =>
            (Func<CandidateSettings, AdaptationBuilder>)(_ => Plain()),
        [typeof(EarlyStopping)] = _ => new EarlyStopping(2),
        [typeof(TensorBoardLog)] = _ => new TensorBoardLog(Path.Combine(AppContext.BaseDirectory, "runs")),
        [typeof(FreezingPlan)] = _ => FreezingPlan.None.Freeze("0."),
        [typeof(DomainNormalizedExtractor)] = setting => new DomainNormalizedExtractor(
            setting.Part(() =>
                nn.Sequential(
                    nn.Linear(Setting.Width, Setting.Width),
                    new DomainSpecificBatchNormalization(Setting.Width)
                )
            )
        ),
    };

    /// <summary>A generator of the images of these domains.</summary>
    public static ResidualGenerator Generator() => new(1, width: 2, blocks: 1, halvings: 1, black: -2, white: 6);

    /// <summary>A predictor that reads rows beside their domain.</summary>
    public static MarginalPredictor Marginal(Setting setting) =>
        new(setting.Part(() => nn.Linear(2 * Setting.Width, setting.Space.Width)));

    /// <summary>The classifiers of two source models, each on half of the features.</summary>
    public static SourceMixture Mixed() => new(nn.Linear(Setting.Width / 2, 2), nn.Linear(Setting.Width / 2, 2));

    private static CrossGradient Crossing(Setting setting) =>
        new(setting.Part(() => nn.Linear(Setting.Width, setting.SourceCount)));

    private static PatchCritic Patches() => new(1, width: 2, layers: 1);

    private static AdaptationBuilder Plain() => new AdaptationBuilder().Learn(new LogisticRegression());

    /// <summary>Whether the type can be made at all.</summary>
    public static bool CanMake(Type type) => ByType.ContainsKey(type) || Shortest(type) is not null;

    public static object? Make(Type type, Setting setting)
    {
        if (ByType.TryGetValue(type, out var maker))
        {
            return maker(setting);
        }
        var constructor =
            Shortest(type)
            ?? throw new InvalidOperationException(
                $"{type} has no public constructor whose arguments Makers can make: give it a maker."
            );
        return constructor.Invoke([
            .. constructor
                .GetParameters()
                .Select(parameter =>
                    parameter.IsOptional ? parameter.DefaultValue : Make(parameter.ParameterType, setting)
                ),
        ]);
    }

    // All classes of these domains are seen.
    private static IZeroShotLearner Generalized(IZeroShotLearner learner) => learner.WithSeenPenalty(0);

    private static ILabelLearner Learner(Setting setting) => new Watched(new LogisticRegression(), setting);

    private static ConstructorInfo? Shortest(Type type) =>
        type.GetConstructors()
            .Where(constructor =>
                constructor
                    .GetParameters()
                    .All(parameter =>
                        parameter.IsOptional || (parameter.ParameterType != type && CanMake(parameter.ParameterType))
                    )
            )
            .MinBy(constructor => constructor.GetParameters().Length);
}
