using System.Reflection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TransferLearning.Adversarial;
using TransferLearning.Consistency;
using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using TransferLearning.Predictors;
using TransferLearning.SelfSupervision;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Contracts.Tests;

/// <summary>
/// What rows of any unit, origin and shape must leave finite, and what the scale of weights must not change: every
/// method, found by reflection.
/// </summary>
public sealed class NumericContracts : IDisposable
{
    private static readonly string[] Kinds = ["1e-4", "1", "1e4", "offset 2000", "constant features", "n < d"];
    private static readonly Type[] Exported = typeof(AdaptationBuilder).Assembly.GetExportedTypes();
    private static readonly Type[] ComparesSources =
    [
        typeof(GradientVariance),
        typeof(RiskExtrapolation),
        typeof(SourceAdversary),
        typeof(SourceAlignment),
    ];
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<Type, string> Discrepancies() => Cases(typeof(IDiscrepancy));

    // A critic's verdict is what was trained, and has tests of its own.
    public static TheoryData<Type, string> Weightings() =>
        [
            .. Defaults(typeof(IInstanceWeighting))
                .Except([typeof(CriticWeighting)])
                .SelectMany(type => Kinds.Select(kind => (type, kind))),
        ];

    public static TheoryData<Type, string> Mappings() => Cases(typeof(IFeatureMapping));

    public static TheoryData<Type, string> Solvers() => Cases(typeof(ITransportSolver));

    public static TheoryData<Type, string> Learners() => Cases(typeof(ILabelLearner));

    public static TheoryData<Type, string> Stages() =>
        [
            .. Shallow()
                .SelectMany(type => Kinds.Select(kind => (type, kind)))
                // Its regularization is in the cost's units, and says so where that is too little.
                .Where(pair => pair != (typeof(JointClassProportionOptimalTransport), "1e4")),
        ];

    public static TheoryData<Type> WeightedDiscrepancies() => [.. Defaults(typeof(IWeightedDiscrepancy))];

    // Not those of parameters, of images, of heatmaps, of rows beside their domain, of heads that fit each other, of
    // networks of inputs, of a memory, and of a predictor with a branch or a head for each source, which call what is
    // tried here.
    public static TheoryData<Type> Objectives() =>
        [
            .. Defaults(typeof(IObjective))
                .Where(type => !type.Name.StartsWith("Branch", StringComparison.Ordinal))
                .Except([
                    typeof(ClassSoftLabels),
                    typeof(CrossGradient),
                    typeof(GroundFalseDivergence),
                    typeof(KeypointDivergence),
                    typeof(MarginalRisk),
                    typeof(MaskedAutoencoding),
                    typeof(MixedCentroidLabels),
                    typeof(NeighborPropagation),
                    typeof(OwnHeadCrossEntropy),
                    typeof(RegressionDisparity),
                    typeof(ResidualCrossEntropy),
                    typeof(RotationPrediction),
                    typeof(SelfRegularization),
                    typeof(SiameseSimilarity),
                    typeof(StartingPointPenalty),
                ]),
        ];

    public static TheoryData<Type> AllLearners() => [.. Defaults(typeof(ILabelLearner))];

    public static TheoryData<Type> AllMappings() => [.. Defaults(typeof(IFeatureMapping))];

    public static TheoryData<Type> AllStages() => [.. Shallow()];

    [Theory]
    [MemberData(nameof(Discrepancies))]
    public void Discrepancy_OfRowsOfAnyKind_IsFiniteAndSoAreItsSlopes(Type type, string kind)
    {
        var (source, target) = Rows(kind);
        // Bases of batches ask for no more rows than features.
        var most =
            type == typeof(RepresentationSubspaceDistance) ? Math.Min(source.Count, target.shape[1]) : source.Count;
        var (s, t) = (source.Inputs.narrow(0, 0, most).requires_grad_(), target.narrow(0, 0, most).requires_grad_());

        var value = Make<IDiscrepancy>(type).Between(s, t);

        Finite(value);
        Assert.All(autograd.grad([value], [s, t]), Finite);
    }

    // How the value grows with the rows' unit.
    [Theory]
    [InlineData(typeof(MultiKernelMaximumMeanDiscrepancy), 0)]
    [InlineData(typeof(MaximumMeanDiscrepancy), 0)]
    [InlineData(typeof(GraphSpectralAlignment), 0)]
    [InlineData(typeof(RepresentationSubspaceDistance), 0)]
    [InlineData(typeof(EnergyDistance), 1)]
    [InlineData(typeof(FeaturewiseWasserstein), 1)]
    [InlineData(typeof(WassersteinDistance), 1)]
    [InlineData(typeof(SlicedWasserstein), 2)]
    [InlineData(typeof(FrechetDistance), 2)]
    [InlineData(typeof(LinearDiscrepancy), 2)]
    [InlineData(typeof(DeepCorrelationAlignment), 4)]
    public void Discrepancy_OfScaledRowsInFloat32_GrowsByItsDegree(Type type, int degree)
    {
        var discrepancy =
            type == typeof(MaximumMeanDiscrepancy)
                ? new MaximumMeanDiscrepancy(new GaussianKernel())
                : Make<IDiscrepancy>(type);
        var (source, target) = Rows("n < d");
        var value = discrepancy.Between(source.Inputs, target).item<float>();

        foreach (var factor in new[] { 1.0 / 8192, 8192 })
        {
            var scaled = discrepancy.Between(source.Inputs * factor, target * factor).item<float>();
            Assert.Equal(1, scaled / Math.Pow(factor, degree) / value, 1e-5);
        }
    }

    [Theory]
    [InlineData(typeof(KernelMeanMatching))]
    [InlineData(typeof(KullbackLeiblerImportanceEstimation))]
    [InlineData(typeof(LeastSquaresImportanceFitting))]
    [InlineData(typeof(KernelDensityWeighting))]
    [InlineData(typeof(NearestNeighborWeighting))]
    [InlineData(typeof(KernelLabelShift))]
    [InlineData(typeof(LinearDiscrepancyMinimization))]
    [InlineData(typeof(ImportanceWeightingNetwork))]
    public void Weighting_OfScaledRowsInFloat32_IsTheSame(Type type)
    {
        var (source, target) = Rows("1");
        Tensor Weights(double factor) =>
            Make<IInstanceWeighting>(type)
                .Weigh(
                    source.WithInputs(source.Inputs * factor),
                    new UnlabeledDomain(target * factor),
                    FitContext.Seeded(1)
                );

        var weights = Weights(1);

        Assert.True(Weights(1.0 / 8192).allclose(weights, 1e-4, 1e-5));
        Assert.True(Weights(8192).allclose(weights, 1e-4, 1e-5));
    }

    [Theory]
    [MemberData(nameof(WeightedDiscrepancies))]
    public void WeightedDiscrepancy_OfAnyScaleOfWeights_IsTheSameAndHonorsThem(Type type)
    {
        var discrepancy = Make<IWeightedDiscrepancy>(type);
        var (source, target) = Rows("1");
        var (s, t) = (source.Inputs.to(float64), target.to(float64));
        using var generator = new RandomKey(5).Generator();
        var weights = rand(s.shape[0], dtype: float64, generator: generator);
        var plain = discrepancy.Between(s, t).item<double>();

        var weighted = discrepancy.BetweenWeighted(s, t, weights).item<double>();

        Assert.Equal(plain, discrepancy.BetweenWeighted(s, t, full_like(weights, 7)).item<double>(), 1e-9);
        Assert.Equal(weighted, discrepancy.BetweenWeighted(s, t, weights * 1e-6).item<double>(), 1e-9);
        Assert.True(Math.Abs(weighted - plain) > 1e-4 * Math.Abs(plain));
        Assert.Equal(plain, discrepancy.BetweenWeighted(s, t, zeros_like(weights)).item<double>(), 1e-9);
        Assert.Throws<ArgumentException>(() => discrepancy.BetweenWeighted(s, t, weights.narrow(0, 0, 3)));
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Objective_OfWeightedSourceRows_HonorsTheWeightsOrRefusesThem(Type type)
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var (source, target, weights) = (Toy.Source(rows: 6), Toy.LabeledTarget(rows: 6), Weights(6));
        var second = Toy.Source(rows: 6, seed: 7);
        var rows = arange(6, dtype: int64);
        Tensor Labels(LabeledDomain of) =>
            type == typeof(SquaredError) || type == typeof(BinaryCrossEntropy)
                ? of.Inputs.narrow(1, 0, 2).sigmoid()
                : of.Labels;
        var few = new LabeledBatch(target.Inputs, Labels(target), DomainId.Target, rows, null, target.Space);
        // The value and how steep it is: of some terms the slope alone means something.
        double Value(IObjective objective, Tensor inputs, Tensor? weights)
        {
            var batch = new LabeledBatch(
                source.Inputs,
                Labels(source),
                DomainId.Source(0),
                rows,
                weights,
                source.Space
            );
            var other = new LabeledBatch(second.Inputs, second.Labels, DomainId.Source(1), rows, null, second.Space);
            LabeledBatch[] sources = ComparesSources.Contains(type) ? [batch, other] : [batch];
            var all = new StepBatch(sources, new UnlabeledBatch(target.Inputs, DomainId.Target, rows), few);
            var value = objective.Evaluate(StepContext.For(all, extractor, predictor));
            if (!value.requires_grad)
            {
                return value.item<float>(); // libtorch ends the process where it is asked for slopes of what has none
            }
            var slopes = autograd.grad([value], [.. extractor.Module.parameters()], allow_unused: true);
            return value.item<float>()
                + slopes.Where(slope => slope is { IsInvalid: false }).Sum(slope => slope.abs().sum().item<float>());
        }
        var objective = Make<IObjective>(type);
        var plain = Value(objective, source.Inputs, null);
        if (Math.Abs(plain - Value(objective, source.Inputs * 2, null)) < 1e-7)
        {
            return; // of the target alone, or of parameters: there is nothing to weigh
        }

        try
        {
            Assert.NotEqual(plain, Value(objective, source.Inputs, weights), 1e-7);
        }
        catch (ArgumentException fault)
        {
            Assert.Contains("example weights", fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Weightings))]
    public void Weighting_OfRowsOfAnyKind_IsFiniteAndNotAllZero(Type type, string kind)
    {
        var (source, target) = Rows(kind);

        var weights = Make<IInstanceWeighting>(type).Weigh(source, new UnlabeledDomain(target), FitContext.Seeded(1));

        Finite(weights);
        Assert.True(weights.ge(0).all().item<bool>() && weights.sum().item<float>() > 0);
    }

    [Theory]
    [MemberData(nameof(Mappings))]
    public void Mapping_OfRowsOfAnyKindSomeWithoutWeight_IsFinite(Type type, string kind)
    {
        var (source, target) = Rows(kind, MaxRows(type));
        var weighted = source.WithWeights(arange(source.Count).remainder(5).gt(0).to(float32));
        foreach (var domain in new[] { source, weighted })
        {
            var domains = new DomainSet([domain], new UnlabeledDomain(target));

            var map = Make<IFeatureMapping>(type).Fit(domains, FitContext.Seeded(1));

            Finite(map.For(DomainId.Source(0)).Extract(source.Inputs));
            Finite(map.For(DomainId.Target).Extract(target));
        }
    }

    [Theory]
    [MemberData(nameof(Solvers))]
    public void TransportSolver_OfRowsWithoutMass_IsThePlanOfTheOthers(Type type, string kind)
    {
        var (source, target) = Rows(kind);
        var solver = Make<ITransportSolver>(type);
        var cost = SquaredDistances(source.Inputs, target);
        var masses = arange(source.Count).remainder(4).gt(0).to(float64);
        masses /= masses.sum();
        TransportProblem Problem(Tensor rows) =>
            new(cost.index_select(0, rows), masses.index_select(0, rows), null, source.Labels.index_select(0, rows))
            {
                SourceRows = source.Inputs.index_select(0, rows),
                TargetRows = target,
            };
        var some = masses.gt(0).nonzero().squeeze(1);

        var plan = solver.Plan(Problem(arange(source.Count, dtype: int64)));

        Finite(plan);
        Assert.Equal(0, plan.masked_select(masses.eq(0).unsqueeze(1)).abs().sum().item<double>());
        if (type != typeof(LaplacianTransport)) // rows without mass are neighbors all the same
        {
            Assert.True(plan.index_select(0, some).allclose(solver.Plan(Problem(some)), 1e-6, 1e-9));
        }
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Learner_OfRowsOfAnyKind_IsFiniteAndKeepsTheirDtypeWithoutRowsToo(Type type, string kind)
    {
        var (source, target) = Rows(kind);
        var weighted = source.WithWeights(arange(source.Count).remainder(5).gt(0).to(float32));

        var predictor = Make<ILabelLearner>(type).Fit(weighted);

        var scores = predictor.Predict(target);
        var nothing = predictor.Predict(target.narrow(0, 0, 0));
        Finite(scores);
        Assert.Equal((target.dtype, target.dtype), (scores.dtype, nothing.dtype));
        Assert.Equal([0L, .. scores.shape[1..]], nothing.shape);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public void Stage_OfRowsOfAnyKindSomeWithoutWeight_PredictsFiniteNumbersOfTheirDtype(Type type, string kind)
    {
        var (source, target) = Rows(kind);
        var weighted = source.WithWeights(arange(source.Count).remainder(5).gt(0).to(float32));

        using var model = Chain(type, weighted, target);

        var scores = model.Predict(target);
        Assert.False(scores.isnan().any().item<bool>());
        Assert.Equal(target.dtype, scores.dtype);
        Assert.Equal([0L, .. scores.shape[1..]], model.Predict(target.narrow(0, 0, 0)).shape);
    }

    [Theory]
    [MemberData(nameof(AllLearners))]
    public void Learner_OfAnyScaleOfWeights_IsTheSame(Type type)
    {
        var (source, target) = Rows("1");
        var weights = Weights(source.Count);
        Tensor Scores(double factor) =>
            Make<ILabelLearner>(type).Fit(source.WithWeights(weights * factor)).Predict(target);

        Alike(Scores(1), Scores(1.0 / 1024));
        Alike(Scores(1), Scores(1024));
    }

    [Theory]
    [MemberData(nameof(AllMappings))]
    public void Mapping_OfAnyScaleOfWeights_IsTheSame(Type type)
    {
        var (source, target) = Rows("1", MaxRows(type));
        var weights = Weights(source.Count);
        Tensor Mapped(double factor)
        {
            var domains = new DomainSet([source.WithWeights(weights * factor)], new UnlabeledDomain(target));
            var map = Make<IFeatureMapping>(type).Fit(domains, FitContext.Seeded(1));
            return map.For(DomainId.Source(0)).Extract(source.Inputs);
        }

        Alike(Mapped(1), Mapped(1024));
    }

    [Theory]
    [MemberData(nameof(AllStages))]
    public void Stage_OfAnyScaleOfWeights_IsTheSame(Type type)
    {
        var (source, target) = Rows("1");
        var weights = Weights(source.Count);
        Tensor Scores(double factor)
        {
            using var model = Chain(type, source.WithWeights(weights * factor), target);
            return model.Predict(target);
        }

        Alike(Scores(1), Scores(1024));
    }

    // The labels of the few rows are turned over: what a stage makes changes, or the run says that it does not.
    [Theory]
    [MemberData(nameof(AllStages))]
    public void Stage_WithFewLabeledTargetRows_LearnsFromThemOrSaysSo(Type type)
    {
        var (source, target) = Rows("1");
        var log = new LogLines();
        Tensor Scores(bool isTurned)
        {
            using var model = Chain(type, source, target, isTurned, log);
            return model.Predict(target);
        }

        var isTaught = Scores(false).ne(Scores(true)).any().item<bool>();

        var isSaid = log.Warnings.Exists(line => line.Contains("labeled target rows", StringComparison.Ordinal));
        Assert.True(isTaught != isSaid, $"its result {(isTaught ? "changes" : "does not change")}, said: {isSaid}");
    }

    public void Dispose() => scope.Dispose();

    // A stage with what it needs: labeled target rows, values for regressions, and a learner where it gives no
    // predictor itself.
    private static AdaptedModel Chain(
        Type type,
        LabeledDomain source,
        Tensor target,
        bool isTurned = false,
        ILogger? log = null
    )
    {
        var stage = Make<IAdaptationStage>(type);
        AdaptationBuilder Builder(bool learns)
        {
            var builder = new AdaptationBuilder();
            if (stage is ClassRebalancedSelfTraining)
            {
                builder.Learn(new LogisticRegression()); // by which it reads the target
            }
            builder.Add(stage);
            return learns ? builder.Learn(new RidgeRegression()) : builder;
        }
        var few = target.narrow(0, 0, 12);
        var classes = (arange(12, dtype: int64) + (isTurned ? 1 : 0)).remainder(2);
        var options = new FitOptions { Logger = log ?? NullLogger.Instance };
        var values = new LabeledDomain(source.Inputs, source.Labels.to(float32), source.Weights);
        var chains = new (LabeledDomain Source, LabeledDomain Few, bool Learns)[]
        {
            (source, new LabeledDomain(few, classes), false),
            (values, new LabeledDomain(few, classes.to(float32)), false),
            (source, new LabeledDomain(few, classes), true),
        };
        var faults = new List<InvalidAdaptationException>();
        foreach (var (own, labeled, learns) in chains)
        {
            try
            {
                return Builder(learns).FitFewShot(own, new UnlabeledDomain(target), labeled, options);
            }
            catch (InvalidAdaptationException fault)
            {
                faults.Add(fault); // classes where it wants values, or no predictor: the next
            }
        }
        throw new InvalidOperationException(string.Join("\n", faults.Select(fault => fault.Message)));
    }

    private static void Finite(Tensor values) => Assert.True(values.isfinite().all().item<bool>());

    // A power of two as the factor leaves the weights' own rounding as it was.
    private static void Alike(Tensor a, Tensor b) => Assert.True(a.allclose(b, 1e-5, 1e-6));

    private static Tensor Weights(long count)
    {
        using var generator = new RandomKey(9).Generator();
        return rand(count, generator: generator) + 0.1;
    }

    private static Tensor SquaredDistances(Tensor x, Tensor y) =>
        (x.to(float64).unsqueeze(1) - y.to(float64)).square().sum(2);

    // Thousands of evaluations of all pairs.
    private static long MaxRows(Type type) => type == typeof(NearestBrenierMap) ? 12 : 36;

    private static (LabeledDomain Source, Tensor Target) Rows(string kind, long most = 36)
    {
        var features = kind == "n < d" ? 40 : 4;
        // As many rows as each other, for what pairs rows; fewer than features for what asks for it.
        var rows = Math.Min(most, kind == "n < d" ? 24 : 36);
        var (x, labels) = Toy.Clouds(rows, 1, features: features);
        var (y, _) = Toy.Clouds(rows, 2, features: features, angle: 0.6, offset: 0.5);
        Tensor Made(Tensor some) =>
            kind switch
            {
                "1e-4" => some * 1e-4,
                "1e4" => some * 1e4,
                "offset 2000" => some + 2000,
                "constant features" => cat([some, full([rows, 1], 3.0f), zeros(rows, 1)], 1),
                _ => some,
            };
        return (new LabeledDomain(Made(x), labels, space: LabelSpace.Classes(2)), Made(y));
    }

    private static TheoryData<Type, string> Cases(Type contract)
    {
        var data = new TheoryData<Type, string>();
        foreach (var type in Defaults(contract))
        {
            foreach (var kind in Kinds)
            {
                data.Add(type, kind);
            }
        }
        return data;
    }

    // Stages that change a network have none here.
    private static IEnumerable<Type> Shallow() =>
        Defaults(typeof(IAdaptationStage))
            .Except([
                typeof(AdaptiveBatchNormalization),
                typeof(AdversarialDiscriminativeAdaptation),
                typeof(NetworkTraining),
            ]);

    private static IEnumerable<Type> Defaults(Type contract) =>
        Exported.Where(type => contract.IsAssignableFrom(type) && PlainMethods.Shortest(type, Argument) is not null);

    // What can be made of kernels, of a learner, or of other small parts.
    private static object? Argument(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(ILabelLearner) ? new DecisionTree { MaxDepth = 2 }
        : parameter.ParameterType == typeof(IReadOnlyList<IKernel>)
            ? new IKernel[] { new GaussianKernel(), new LinearKernel() }
        : parameter.ParameterType == typeof(IDomainCritic) ? Critic(parameter.Member.DeclaringType!)
        : parameter.ParameterType == typeof(ILabelPredictor)
            ? Toy.Predictor(IsOfPairs(parameter.Member.DeclaringType!) ? 4 : 2)
        : parameter.ParameterType == typeof(IAugmentation) ? new Noise(0.1)
        : parameter.ParameterType == typeof(IDiscrepancy) ? new GraphSpectralAlignment()
        : parameter.ParameterType == typeof(IReadOnlyList<long>) ? new long[] { 4, 4 }
        : parameter.ParameterType == typeof(double) ? 0.1
        : null;

    // Most critics see the 8 features; these see class probabilities with them, or alone.
    private static ModulePart Critic(Type of) =>
        of == typeof(ConditionalDomainAdversary) ? Linear(16)
        : of == typeof(EntropyAdversary) || of == typeof(EntropyCritic) ? Linear(2)
        : Toy.Critic();

    // Two logits for each of the two classes.
    private static bool IsOfPairs(Type of) => of == typeof(OneVersusAll) || of == typeof(OneVersusAllEntropy);

    private static ModulePart Linear(long width) => new(() => nn.Linear(width, 1));

    private static T Make<T>(Type type) => PlainMethods.Make<T>(type, Argument);
}
