using System.Reflection;
using TransferLearning.Adversarial;
using TransferLearning.Augmentation;
using TransferLearning.Consistency;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Contracts.Tests;

/// <summary>
/// What a fit makes of its caller's surroundings: no_grad, inference_mode, inputs with a graph. Over all methods, found
/// by reflection.
/// </summary>
public sealed class SurroundingsTests : IDisposable
{
    private static readonly Type[] Methods =
    [
        typeof(IObjective),
        typeof(IDiscrepancy),
        typeof(IBatchTransform),
        typeof(IInstanceWeighting),
        typeof(IFeatureMapping),
        typeof(ILabelLearner),
        typeof(IAdaptationStage),
    ];
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<Type> All() =>
        [
            .. typeof(AdaptationBuilder)
                .Assembly.GetExportedTypes()
                .Where(type =>
                    Array.Exists(Methods, method => method.IsAssignableFrom(type))
                    && PlainMethods.Shortest(type) is not null
                ),
        ];

    [Theory]
    [MemberData(nameof(All))]
    public void Fit_AnyMethodInAnySurroundings_GivesTheBitsOfAPlainFit(Type type)
    {
        var domains = Domains(type);
        var expected = Result(type, domains);
        using (no_grad())
        {
            Assert.Equal(expected, Result(type, domains));
            Assert.False(is_grad_enabled());
        }
        using (inference_mode())
        {
            domains = Domains(type);
            Assert.Equal(expected, Result(type, domains));
            Assert.True(is_inference_mode_enabled());
        }
        Assert.Equal(expected, Result(type, domains)); // made inside, fitted outside
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Fit_AnyMethodOnInputsWithAGraph_TakesThemAsData(Type type)
    {
        var domains = Domains(type);
        var expected = Result(type, domains);
        var leaf = ones(1).requires_grad_();
        Tensor Traced(Tensor tensor) => tensor.is_floating_point() ? tensor * leaf : tensor;
        LabeledDomain Labeled(LabeledDomain domain) =>
            new(
                Traced(domain.Inputs),
                Traced(domain.Labels),
                domain.Weights is { } weights ? Traced(weights) : null,
                domain.Space
            );
        var traced = new DomainSet(
            [.. domains.Sources.Select(Labeled)],
            new UnlabeledDomain(Traced(domains.Target.Inputs)),
            Labeled(domains.LabeledTarget!)
        );

        Assert.Equal(expected, Result(type, traced));
        Assert.Equal(expected, Result(type, traced)); // a graph would be used up by now
        Assert.Null(leaf.grad);
    }

    public static TheoryData<Type> Direct() =>
        [
            .. All()
                .Select(row => row.Data)
                .Where(type =>
                    typeof(IInstanceWeighting).IsAssignableFrom(type)
                    || typeof(IFeatureMapping).IsAssignableFrom(type)
                    || typeof(ILabelLearner).IsAssignableFrom(type)
                ),
        ];

    [Theory]
    [MemberData(nameof(Direct))]
    public void Method_CalledByItselfInAnySurroundings_GivesTheSameBits(Type type)
    {
        var domains = Domains(type);
        var expected = Called(type, domains);
        using (no_grad())
        {
            Assert.Equal(expected, Called(type, domains));
        }
        using (inference_mode())
        {
            Assert.Equal(expected, Called(type, Domains(type)));
        }
        var leaf = domains.Sources[0].Inputs.clone().requires_grad_();
        var traced = new DomainSet([domains.Sources[0].WithInputs(leaf)], domains.Target, domains.LabeledTarget);
        Assert.Equal(expected, Called(type, traced));
        Assert.Null(leaf.grad);
    }

    [Fact]
    public void Fit_ModuleMadeInInferenceMode_IsRefusedByName()
    {
        using var predictor = Toy.Predictor();
        ModulePart extractor;
        using (inference_mode())
        {
            extractor = Toy.Extractor();
        }

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
                .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels())
        );

        Assert.Contains("inference_mode", fault.Message, StringComparison.Ordinal);
        Assert.Contains("stage 1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_RowsReadWithAGraph_AreDataToo()
    {
        var leaf = ones(1).requires_grad_();
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();

        new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Align(new DeepCorrelationAlignment()))
            .Fit(Toy.Source(), new UnlabeledDomain(new Scaled(Toy.LabeledTarget().Inputs, leaf)), Options)
            .Dispose();

        Assert.Null(leaf.grad);
    }

    public void Dispose() => scope.Dispose();

    private static FitOptions Options => new() { Training = new TrainingOptions { Steps = 3 } };

    /// <summary>Domains that a method works on: weighed rows with classes, values or images.</summary>
    private static DomainSet Domains(Type type)
    {
        LabeledDomain Weighed(LabeledDomain domain)
        {
            var inputs = NeedsImages(type) ? Toy.Images(domain.Count, domain.Count).Inputs : domain.Inputs;
            var labels =
                type == typeof(KeypointDivergence) ? inputs.sigmoid()
                : IsOfValues(type) ? inputs.sum(1)
                : IsMultiLabel(type) ? nn.functional.one_hot(domain.Labels, 2).to(inputs.dtype)
                : domain.Labels;
            var weighed = new LabeledDomain(
                inputs,
                labels,
                CannotWeigh(type) ? null : linspace(1, 2, domain.Count),
                IsMultiLabel(type) ? LabelSpace.MultiLabel(2) : null
            );
            return type == typeof(UnknownBoundary) ? weighed.WithUnknown() : weighed;
        }
        LabeledDomain[] more = ComparesSources(type) ? [Weighed(Toy.Source(rows: 30, seed: 5))] : [];
        return new DomainSet(
            [Weighed(Toy.Source(rows: 30)), .. more],
            Weighed(Toy.LabeledTarget(rows: 30)).WithoutLabels(),
            Weighed(Toy.LabeledTarget(rows: 8, seed: 4))
        );
    }

    private static bool ComparesSources(Type type) =>
        type == typeof(GradientVariance)
        || type == typeof(MetaLearning)
        || type == typeof(RiskExtrapolation)
        || type == typeof(SourceMixup);

    private static bool NeedsImages(Type type) => type == typeof(CutMix) || type == typeof(FourierDomainAdaptation);

    private static bool CannotWeigh(Type type) =>
        type == typeof(DeepJointDistributionOptimalTransport)
        || type == typeof(DeepHashing)
        || type == typeof(PairwiseHashing)
        || (typeof(IDiscrepancy).IsAssignableFrom(type) && !typeof(IWeightedDiscrepancy).IsAssignableFrom(type));

    private static bool IsMultiLabel(Type type) => type == typeof(BinaryCrossEntropy);

    private static bool IsOfValues(Type type) =>
        type == typeof(SquaredError) || type == typeof(WeightingAdversarialNetwork);

    /// <summary>A chain of the smallest form around a method as it is made without arguments.</summary>
    private static AdaptationBuilder Build(Type type)
    {
        var method = PlainMethods.Make<object>(type);
        return method switch
        {
            BinaryCrossEntropy objective => new AdaptationBuilder().Train(
                Extractor(),
                Predictor(2),
                net => net.Minimize(objective)
            ),
            SquaredError objective => new AdaptationBuilder().Train(
                Extractor(),
                Predictor(1),
                net => net.Minimize(objective)
            ),
            KeypointDivergence objective => new AdaptationBuilder().Train(
                Extractor(),
                new KeypointPredictor(
                    Built(() => new ModulePart(() => nn.Sequential(nn.Linear(8, 18), nn.Unflatten(1, [2, 3, 3]))))
                ),
                net => net.Minimize(objective)
            ),
            OwnHeadCrossEntropy => new AdaptationBuilder().Train(
                Extractor(),
                new OwnHeads(Predictor(2), Predictor(2)),
                net => net.Minimize(new CrossEntropy()).Minimize((IObjective)method)
            ),
            BranchCrossEntropy or BranchAlignment or BranchDisagreement => new AdaptationBuilder().Train(
                Extractor(),
                new SourceBranches((Predictor(8), Predictor(2))),
                net => net.Minimize(new CrossEntropy()).Minimize((IObjective)method)
            ),
            CutMix or FourierDomainAdaptation => new AdaptationBuilder().Train(
                Built(Toy.ImageExtractor),
                Predictor(2),
                net => net.Minimize(new CrossEntropy()).Augment((IBatchTransform)method)
            ),
            UnknownBoundary objective => new AdaptationBuilder().Train(
                Extractor(),
                Predictor(3),
                net => net.Minimize(new CrossEntropy()).Minimize(objective)
            ),
            MixedCentroidLabels objective => new AdaptationBuilder().Train(
                Extractor(),
                Built(() => new ModulePart(() => new SourceMixture(nn.Linear(4, 2), nn.Linear(4, 2)))),
                net => net.Minimize(objective)
            ),
            MarginalRisk objective => new AdaptationBuilder().Train(
                Extractor(),
                new MarginalPredictor(Built(() => new ModulePart(() => nn.Linear(16, 2)))),
                net => net.Minimize(objective)
            ),
            MetaLearning objective => new AdaptationBuilder().Train(
                Extractor(),
                Predictor(2),
                net => net.Minimize(objective)
            ),
            IObjective objective => Net(net => net.Minimize(objective, 0.1)),
            IDiscrepancy discrepancy => Net(net => net.Align(discrepancy, 0.1)),
            IBatchTransform transform => Net(net => net.Augment(transform)),
            IInstanceWeighting weighting => new AdaptationBuilder().Weight(weighting).Learn(new LogisticRegression()),
            IFeatureMapping mapping => new AdaptationBuilder().Map(mapping).Learn(new NearestNeighbor()),
            ILabelLearner learner => new AdaptationBuilder().Learn(learner),
            AdaptiveBatchNormalization or ClassRebalancedSelfTraining => Net(_ => { }).Add((IAdaptationStage)method),
            BalancedWeighting or BiWeighting or HeterogeneousSpectralMapping => new AdaptationBuilder()
                .Add((IAdaptationStage)method)
                .Learn(new LogisticRegression()),
            IAdaptationStage stage => new AdaptationBuilder().Add(stage),
            _ => throw new InvalidOperationException($"no chain is known for {type.Name}."),
        };
    }

    /// <summary>What a method makes of the domains without a chain around it: weights, mapped rows or scores.</summary>
    private static byte[] Called(Type type, DomainSet domains)
    {
        var method = PlainMethods.Make<object>(type);
        var result = method switch
        {
            IInstanceWeighting weighting => weighting.Weigh(domains.Sources[0], domains.Target, FitContext.Seeded(1)),
            IFeatureMapping mapping => mapping
                .Fit(domains, FitContext.Seeded(1))
                .For(DomainId.Source(0))
                .Extract(domains.Sources[0].Inputs),
            ILabelLearner learner => learner.Fit(domains.Sources[0]).Predict(domains.Target.Inputs),
            _ => throw new InvalidOperationException($"{type.Name} is not called by itself."),
        };
        return [.. result.detach().contiguous().bytes];
    }

    private static AdaptationBuilder Net(Action<NetworkTraining> configure) =>
        new AdaptationBuilder().Train(
            Extractor(),
            Predictor(2),
            net =>
            {
                net.Minimize(new CrossEntropy());
                configure(net);
            }
        );

    private static ModulePart Extractor() => Built(() => Toy.Extractor(hasNormalization: true));

    private static ModulePart Predictor(int classes) => Built(() => Toy.Predictor(classes));

    private static ModulePart Built(Func<ModulePart> build)
    {
        using var ordinary = inference_mode(false);
        Toy.SeedModules(5);
        return build();
    }

    private static byte[] Result(Type type, DomainSet domains)
    {
        using var model = Build(type).FitFewShot(domains.Sources, domains.Target, domains.LabeledTarget!, Options);
        using var scores = model.Predict(domains.Target.Inputs);
        return [.. scores.contiguous().bytes];
    }

    private sealed class Scaled(Tensor rows, Tensor by) : IRowSource
    {
        public long Count => rows.shape[0];

        public Tensor Read(Tensor which) => rows.index_select(0, which) * by;
    }
}
