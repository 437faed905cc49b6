using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>What the deep penalties keep beyond the peers' figures.</summary>
public sealed class DeepMappingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor source = Rows(12, 5, 1);
    private readonly Tensor target = Rows(12, 5, 2) + 0.5;
    private readonly Tensor sourceLabels = arange(12, dtype: int64).remainder(3);
    private readonly Tensor sourceProbabilities = Rows(12, 3, 3).softmax(1);
    private readonly Tensor targetProbabilities = Rows(12, 3, 4).softmax(1);

    [Theory]
    [InlineData(MeanEmbeddingEstimator.Biased)]
    [InlineData(MeanEmbeddingEstimator.LinearTimeCircular)]
    public void JointMaximumMeanDiscrepancy_EqualSamples_IsZero(MeanEmbeddingEstimator estimator)
    {
        var joint = new JointMaximumMeanDiscrepancy { Estimator = estimator };
        var sample = (source, sourceProbabilities);

        Assert.Equal(0, joint.Between(sample, sample).item<double>(), 12);
        Assert.True(joint.Between(sample, (target, targetProbabilities)).item<double>() > 0.01);
    }

    [Fact]
    public void Kernels_WithoutAPositiveWidth_AreRefused()
    {
        void Names(string name, Action measure) =>
            Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(measure).ParamName);

        Names("SquaredWidth", () => new MultiKernelMaximumMeanDiscrepancy { SquaredWidth = 0 }.Between(source, target));
        Names("Multipliers", () => new MultiKernelMaximumMeanDiscrepancy { Multipliers = [] }.Between(source, target));
        Names(
            "Multipliers",
            () =>
                new JointMaximumMeanDiscrepancy { Multipliers = [-1] }.Between(
                    (source, sourceProbabilities),
                    (target, targetProbabilities)
                )
        );
        Names(
            "Multipliers",
            () =>
                new LocalMaximumMeanDiscrepancy { Multipliers = [0] }.Between(
                    source,
                    sourceLabels,
                    target,
                    targetProbabilities
                )
        );
        Names(
            "Multipliers",
            () =>
                new ContrastiveDomainDiscrepancy { Multipliers = [-1] }.Between(
                    source,
                    sourceLabels,
                    target,
                    sourceLabels,
                    3
                )
        );
        Names("gamma", () => _ = new PolynomialKernel(2, gamma: 0));
        Names("constant", () => _ = new PolynomialKernel(2, constant: -1));
    }

    [Fact]
    public void GaussianKernel_MostPairsCoincide_TakesTheScaleOfTheOthers()
    {
        // Four rows of five are one row: rounding alone would set the scale.
        var rows = cat([full([80, 3], 1e3 / 3, float64), (Rows(20, 3, 5) * 10) + (1e3 / 3)]);

        var gamma = ((GaussianKernel)new GaussianKernel().FixedFor(rows)).Gamma!.Value;

        Assert.InRange(1 / gamma, 10, 1000);
    }

    [Fact]
    public void JointMaximumMeanDiscrepancy_SameFeaturesOtherPredictions_SeesTheDifference()
    {
        var joint = new JointMaximumMeanDiscrepancy { Estimator = MeanEmbeddingEstimator.Biased };

        var gap = joint.Between((source, sourceProbabilities), (source, sourceProbabilities.flip(1)));

        Assert.True(gap.item<double>() > 1e-3);
    }

    [Fact]
    public void JointMaximumMeanDiscrepancy_Gradient_IsThatOfFiniteDifferences() =>
        Differentiates(
            rows =>
                new JointMaximumMeanDiscrepancy().Between(
                    (rows, sourceProbabilities),
                    (target.detach(), targetProbabilities)
                ),
            // the width carries no gradient; a shift along a direction that keeps it tests the rest
            hasFixedWidth: false
        );

    [Fact]
    public void LocalMaximumMeanDiscrepancy_OneClass_IsTheMeanDiscrepancy()
    {
        var certain = ones(12, 1, float64);
        var labels = zeros(12, int64);

        var local = new LocalMaximumMeanDiscrepancy().Between(source, labels, target, certain);
        var whole = new MultiKernelMaximumMeanDiscrepancy { Estimator = MeanEmbeddingEstimator.Biased }.Between(
            source,
            target
        );

        Assert.Equal(whole.item<double>(), local.item<double>(), 12);
    }

    [Fact]
    public void LocalMaximumMeanDiscrepancy_PermutedRows_IsTheSame()
    {
        var order = arange(11, -1, -1, dtype: int64);
        Tensor Turned(Tensor rows) => rows.index_select(0, order);
        var local = new LocalMaximumMeanDiscrepancy();

        var value = local.Between(source, sourceLabels, target, targetProbabilities);
        var turned = local.Between(Turned(source), Turned(sourceLabels), target, targetProbabilities);
        var soft = nn.functional.one_hot(sourceLabels, 3).to(float64);

        Assert.Equal(value.item<double>(), turned.item<double>(), 12);
        Assert.Equal(value.item<double>(), local.Between(source, soft, target, targetProbabilities).item<double>(), 12);
    }

    [Fact]
    public void LocalMaximumMeanDiscrepancy_NoClassInCommon_IsZeroWithZeroGradient()
    {
        var rows = source.clone().requires_grad_();
        var other = nn.functional.one_hot(ones(12, int64), 3).to(float64);

        var value = new LocalMaximumMeanDiscrepancy().Between(rows, zeros(12, int64), target, other);

        Assert.Equal(0, value.item<double>());
        Assert.Equal(0, autograd.grad([value], [rows])[0].abs().sum().item<double>());
    }

    [Fact]
    public void LogCorrelationAlignment_EqualSamples_IsZero() =>
        Assert.Equal(0, new LogCorrelationAlignment().Between(source, source).item<double>(), 12);

    [Fact]
    public void LogCorrelationAlignment_ScaledSample_IsTheLogarithmOfTheScale()
    {
        // C_t = 9 C_s: the logarithms differ by ln 9 times the identity, whose squared norm is d ln^2 9.
        var value = new LogCorrelationAlignment { Ridge = 0 }.Between(source, source * 3);

        Assert.Equal(5 * Math.Pow(Math.Log(9), 2) / (4 * 25), value.item<double>(), 10);
    }

    [Fact]
    public void LogCorrelationAlignment_Gradient_IsThatOfFiniteDifferences() =>
        Differentiates(rows => new LogCorrelationAlignment().Between(rows, target), hasFixedWidth: true);

    [Fact]
    public void LogCorrelationAlignment_FewerRowsThanFeatures_HasAFiniteGradient()
    {
        var rows = Rows(3, 8, 5).requires_grad_(); // eigenvalues coincide at the ridge

        var value = new LogCorrelationAlignment().Between(rows, Rows(4, 8, 6));
        var gradient = autograd.grad([value], [rows])[0];

        Assert.True(gradient.isfinite().all().item<bool>() && gradient.abs().sum().item<double>() > 0);
    }

    [Fact]
    public void AdaptiveFeatureNorm_RowOfZeros_HasNoGradient()
    {
        var rows = cat([zeros(1, 5, float64), source]).requires_grad_();

        var value = new AdaptiveFeatureNorm { Step = 2 }.Of(rows);
        var gradient = autograd.grad([value], [rows])[0];

        Assert.Equal(4, value.item<double>(), 10);
        Assert.Equal(0, gradient[0].abs().sum().item<double>());
        // Descent makes the others longer.
        Assert.True((gradient * rows).sum(1).narrow(0, 1, 12).max().item<double>() < 0);
    }

    [Fact]
    public void HardAdaptiveFeatureNorm_KnownRows_IsTorchsFigure()
    {
        var rows = Waves.Rows(7, 3, 0.5).requires_grad_();

        var value = new HardAdaptiveFeatureNorm().Of(rows);

        // (x.norm(dim=1).mean() - 25)**2 and its gradient, in double.
        Assert.Equal(564.813415513705, value.item<double>(), 9);
        Assert.Equal(0.8561112533431586, autograd.grad([value], [rows])[0][2, 1].item<double>(), 12);
    }

    [Fact]
    public void HardAdaptiveFeatureNorm_MeanNormIsTheRadius_IsZeroThoughRowsDiffer()
    {
        var rows = (
            tensor(
                new double[,]
                {
                    { 3, 4 },
                    { 0, 15 },
                    { 0, 0 },
                }
            ) * 3
        ).requires_grad_(); // norms 15, 45 and 0

        var value = new HardAdaptiveFeatureNorm { Radius = 20 }.Of(rows);

        Assert.Equal(0, value.item<double>(), 12);
        Assert.Equal(0, autograd.grad([value], [rows])[0].abs().max().item<double>(), 12);
    }

    [Theory]
    [InlineData(12, 5)]
    [InlineData(5, 12)]
    public void BatchSpectralPenalization_AllSingularValues_IsTheSquaredNorm(long n, long d)
    {
        var rows = Rows(n, d, 7);

        Assert.Equal(
            rows.square().sum().item<double>(),
            new BatchSpectralPenalization { Count = 5 }
                .Of(rows)
                .item<double>(),
            8
        );
        Assert.Equal(
            Math.Pow(linalg.svdvals(rows).max().item<double>(), 2),
            new BatchSpectralPenalization().Of(rows).item<double>(),
            8
        );
    }

    [Fact]
    public void RepresentationSubspaceDistance_SameSubspace_HasNoAngles()
    {
        var rows = Rows(3, 8, 8);
        var mixed = Rows(3, 3, 9).matmul(rows);

        Assert.True(new RepresentationSubspaceDistance(0).Between(rows, mixed).item<double>() < 1e-5);
        Assert.Equal(
            3,
            new RepresentationSubspaceDistance(0)
                .Between(eye(8, 8, float64).narrow(0, 0, 3), eye(8, 8, float64).narrow(0, 3, 3))
                .item<double>(),
            9
        );
    }

    [Fact]
    public void RepresentationSubspaceDistance_Gradient_IsThatOfFiniteDifferences()
    {
        var other = Rows(3, 8, 9);
        Differentiates(
            rows => new RepresentationSubspaceDistance(0).Between(rows, other),
            hasFixedWidth: true,
            Rows(3, 8, 8)
        );
    }

    [Fact]
    public void Assignment_SmallCosts_IsTheCheapestOfAllPairings()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var costs = seed % 2 == 0 ? Rows(6, 6, 100 + seed) : Rows(6, 6, 100 + seed).round(); // ties too
            var found = costs.gather(1, Assignment.Of(costs).unsqueeze(1)).sum().item<double>();

            var least = Pairings(6)
                .Min(pairing => pairing.Select((column, row) => costs[row, column].item<double>()).Sum());

            Assert.Equal(least, found, 10);
        }
    }

    [Fact]
    public void DeepJointDistributionOptimalTransport_PermutedRows_CostsTheSame()
    {
        var order = arange(11, -1, -1, dtype: int64);
        var scores = Rows(12, 3, 30);
        var transport = new DeepJointDistributionOptimalTransport();

        var cost = transport.Between(source, sourceLabels, target, scores);
        var turned = transport.Between(
            source,
            sourceLabels,
            target.index_select(0, order),
            scores.index_select(0, order)
        );

        Assert.Equal(cost.item<double>(), turned.item<double>(), 10);
        Assert.Equal(
            0,
            (transport with { LabelWeight = 0 }).Between(source, sourceLabels, source, scores).item<double>(),
            10
        );
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void DeepJointDistributionOptimalTransport_FeatureThatIsNoNumber_CostsNoNumber(double lost)
    {
        var rows = source.clone();
        rows.select(0, 3).fill_(lost);

        var cost = new DeepJointDistributionOptimalTransport().Between(rows, sourceLabels, target, Rows(12, 3, 30));

        Assert.False(double.IsFinite(cost.item<double>()));
    }

    [Fact]
    public void DeepJointDistributionOptimalTransport_Gradient_IsThatOfFiniteDifferences()
    {
        var scores = Rows(12, 3, 30);
        Differentiates(
            rows => new DeepJointDistributionOptimalTransport().Between(rows, sourceLabels, target, scores),
            hasFixedWidth: true
        );
    }

    [Fact]
    public void MomentMatching_ThreeSamples_SumsEveryPair()
    {
        var other = Rows(9, 5, 10);
        double Gap(Tensor a, Tensor b) =>
            (
                (a.mean([0L]) - b.mean([0L])).norm() + (a.square().mean([0L]) - b.square().mean([0L])).norm()
            ).item<double>();

        var value = new MomentMatching().Between([source, other], target);

        Assert.Equal(((Gap(source, target) + Gap(other, target)) / 2) + Gap(source, other), value.item<double>(), 10);
        Assert.Equal(0, new MomentMatching().Between([source], source).item<double>(), 10);
    }

    // A target of 6 rows has steps of 6 rows, whatever the batch size is.
    [Theory]
    [InlineData(6, true)]
    [InlineData(7, false)]
    public void BatchSpectralPenalization_OfMoreSingularValuesThanADomainHasRows_IsRefusedInThePlan(
        int count,
        bool fits
    )
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var term = new BatchSpectralPenalization { Count = count };

        var thrown = Record.Exception(() =>
            new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Minimize(term, 0.0001))
                .Fit(
                    Toy.Source(),
                    Toy.LabeledTarget(rows: 6).WithoutLabels(),
                    new FitOptions { Training = new TrainingOptions { Steps = 1 } }
                )
                .Dispose()
        );

        Assert.Equal(fits, thrown is null);
        Assert.True(fits || thrown!.Message.Contains("Count must be at most 6", StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_Wrong_AreNamed()
    {
        void Names(string name, Action compute) =>
            Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(compute).ParamName);

        Names("Count", () => new BatchSpectralPenalization { Count = 6 }.Of(source));
        Names("Step", () => new AdaptiveFeatureNorm { Step = 0 }.Of(source));
        Names("Radius", () => new HardAdaptiveFeatureNorm { Radius = 0 }.Of(source));
        Names("Ridge", () => new LogCorrelationAlignment { Ridge = -1 }.Between(source, target));
        Names("target", () => new RepresentationSubspaceDistance(0.1).Between(source, target));
        Names(
            "target",
            () =>
                new DeepJointDistributionOptimalTransport().Between(
                    source,
                    sourceLabels,
                    Rows(11, 5, 1),
                    Rows(11, 3, 1)
                )
        );
        Names("sources", () => new MomentMatching().Between([], target));
        Names(
            "ProbabilityWidth",
            () =>
                new JointMaximumMeanDiscrepancy { ProbabilityWidth = 0 }.Between(
                    (source, sourceProbabilities),
                    (target, targetProbabilities)
                )
        );
    }

    [Theory]
    [InlineData(nameof(ContrastiveDomainDiscrepancy))]
    [InlineData(nameof(DynamicDistributionDiscrepancy))]
    [InlineData(nameof(NeighborPropagation))]
    [InlineData(nameof(AdversarialJointMaximumMeanDiscrepancy))]
    public void Fit_InBFloat16_PassesDomainsAndLayersOfTheObjectiveToo(string name)
    {
        Toy.SeedModules(1);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var ofFeatures = new ModulePart(() => nn.Linear(8, 8));
        using var ofProbabilities = new ModulePart(() => nn.Linear(2, 2));
        IObjective objective = name switch
        {
            nameof(ContrastiveDomainDiscrepancy) => new ContrastiveDomainDiscrepancy(),
            nameof(DynamicDistributionDiscrepancy) => new DynamicDistributionDiscrepancy(),
            nameof(NeighborPropagation) => new NeighborPropagation(),
            _ => new AdversarialJointMaximumMeanDiscrepancy(ofFeatures, ofProbabilities),
        };
        var labeled = Toy.LabeledTarget();

        using var model = new AdaptationBuilder()
            .Train(
                extractor,
                predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(objective, Schedule.Linear(0, 0.1))
            )
            .Fit(
                Toy.Source(),
                labeled.WithoutLabels(),
                new FitOptions
                {
                    Training = new TrainingOptions
                    {
                        Epochs = 5,
                        Precision = Precision.BFloat16,
                        Optimizer = parameters => optim.Adam(parameters, 5e-3),
                    },
                }
            );

        var right = model.PredictClasses(labeled.Inputs).eq(labeled.Labels).to(float64).mean().item<double>();
        Assert.True(right >= 0.7, $"{name} {right}");
    }

    [Fact]
    public void MomentMatching_SeveralSources_TrainsANetwork()
    {
        Toy.SeedModules(1);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var labeled = Toy.LabeledTarget();

        using var model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Minimize(new MomentMatching(), 0.1))
            .Fit([Toy.Source(), Toy.Source(seed: 7)], labeled.WithoutLabels(), new FitOptions { Seed = 1 });

        var right = model.PredictClasses(labeled.Inputs).eq(labeled.Labels).to(float64).mean().item<double>();
        Assert.True(right >= 0.7, $"{right}");
    }

    public void Dispose() => scope.Dispose();

    private static IEnumerable<int[]> Pairings(int n) =>
        n == 0
            ?
            [
                [],
            ]
            : Pairings(n - 1)
                .SelectMany(rest => Enumerable.Range(0, n).Select(at => (int[])[.. rest[..at], n - 1, .. rest[at..]]));

    private static Tensor Rows(long n, long d, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([n, d], dtype: float64, generator: generator);
    }

    // Along a rotation about the batch's mean a width that follows the batch does not change.
    private void Differentiates(Func<Tensor, Tensor> value, bool hasFixedWidth, Tensor? at = null)
    {
        var rows = (at ?? source).clone().requires_grad_();
        var gradient = autograd.grad([value(rows)], [rows])[0];
        var direction = Rows(rows.shape[0], rows.shape[1], 20);
        if (!hasFixedWidth)
        {
            // Moves that keep the mean squared distance of all rows of both samples: orthogonal to its slope.
            var all = cat([rows.detach(), target]);
            var slope = rows.detach() - all.mean([0L]);
            direction -= slope * ((direction * slope).sum() / slope.square().sum());
        }
        const double Length = 1e-5;
        var rise = (value(rows + (direction * Length)) - value(rows - (direction * Length))) / (2 * Length);
        var expected = (gradient * direction).sum();
        Assert.Equal(rise.item<double>(), expected.item<double>(), 1e-6 * Math.Max(1, Math.Abs(rise.item<double>())));
    }
}
