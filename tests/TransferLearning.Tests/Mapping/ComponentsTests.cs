using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>What the component methods keep, whatever the rows.</summary>
public sealed class ComponentsTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void TransferComponentAnalysis_Large_SolvesTheSameProblemAsADenseEigensolver()
    {
        var (source, target) = (Rows(220, 6, 1), Rows(180, 6, 2) + 0.5);
        var kernel = new GaussianKernel(0.1);
        using var map = new TransferComponentAnalysis
        {
            Kernel = kernel,
            Components = 5,
            Ridge = 0.3,
        }.Fit(source, target);

        var rows = cat([source, target]);
        var k = kernel.Matrix(rows, rows);
        var e = cat([full([220, 1], 1.0 / 220, dtype: float64), full([180, 1], -1.0 / 180, dtype: float64)]);
        var centering = eye(400, dtype: float64) - (1.0 / 400);
        var left = k.matmul(e).matmul(e.t()).matmul(k) + (0.3 * eye(400, dtype: float64));
        var right = k.matmul(centering).matmul(k);
        var root = linalg.cholesky(left);
        var inner = linalg.solve(root, linalg.solve(root, right).t());
        var expected = linalg.eigvalsh((inner + inner.t()) / 2).narrow(0, 395, 5).flip(0);

        Assert.True(map.Eigenvalues.allclose(expected, 1e-9, 1e-12));
        var residual = right.matmul(map.Weights) - left.matmul(map.Weights * map.Eigenvalues);
        Assert.True(
            residual.norm(0).max().item<double>() < 1e-7 * right.matmul(map.Weights).norm(0).max().item<double>()
        );
    }

    [Fact]
    public void TransferComponentAnalysis_OnItsRows_HasUnitVarianceAndCloserMeansThanItsVariance()
    {
        var (source, target) = (Rows(60, 4, 1), Rows(50, 4, 2) + 1);
        using var map = new TransferComponentAnalysis { Components = 3, Ridge = 1e-3 }.Fit(source, target);
        var mapped = map.Extract(cat([source, target]));

        var centered = mapped - mapped.mean([0L], keepdim: true);
        Assert.True((centered.t().matmul(centered) / 110).allclose(eye(3, dtype: float64), 1e-6, 1e-8));
        var gap = mapped.narrow(0, 0, 60).mean([0L]) - mapped.narrow(0, 60, 50).mean([0L]);
        Assert.True(gap.norm().item<double>() < 0.1 * mapped.std(0).mean().item<double>());
    }

    [Fact]
    public void TransferComponentAnalysis_PrimalAndLinearKernel_SpanOneSpaceForLittleRidge()
    {
        var (source, target) = (Rows(60, 4, 1), Rows(50, 4, 2) + 1);
        using var primal = new TransferComponentAnalysis
        {
            Kernel = null,
            Components = 3,
            Ridge = 1e-9,
        }.Fit(source, target);
        using var dual = new TransferComponentAnalysis
        {
            Kernel = new LinearKernel(),
            Components = 3,
            Ridge = 1e-9,
        }.Fit(source, target);
        var (left, right) = (linalg.qr(primal.Extract(source)).Q, linalg.qr(dual.Extract(source)).Q);

        var cosines = linalg.svd(left.t().matmul(right), fullMatrices: false).S;

        Assert.True(cosines.min().item<double>() > 1 - 1e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void TransferComponentAnalysis_OfTooManyOrNone_NamesTheArgument(int components)
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new TransferComponentAnalysis { Kernel = null, Components = components }.Fit(Rows(9, 4, 1), Rows(9, 4, 2))
        );
        Assert.Equal("Components", fault.ParamName);
    }

    [Fact]
    public void JointDistributionAdaptation_OnTurnedClouds_BringsClassMeansTogether()
    {
        var (source, labeled) = (Toy.Source(rows: 120, classes: 3), Toy.LabeledTarget(rows: 90, classes: 3));
        using var map = new JointDistributionAdaptation { Components = 2, Ridge = 0.01 }.Fit(source, labeled.Inputs);

        double Gap(Tensor sourceRows, Tensor targetRows) =>
            Enumerable
                .Range(0, 3)
                .Average(c =>
                    (Mean(sourceRows, source.Labels, c) - Mean(targetRows, labeled.Labels, c)).norm().ToDouble()
                ) / cat([sourceRows, targetRows]).std(0).norm().ToDouble();

        var before = Gap(source.Inputs, labeled.Inputs);
        var after = Gap(map.Extract(source.Inputs), map.Extract(labeled.Inputs));

        Assert.True(after < 0.5 * before, $"{after} is not below half of {before}");
    }

    [Fact]
    public void BalancedDistributionAdaptation_WithoutClassTerms_IsOneRound()
    {
        var (source, target) = (Toy.Source(rows: 80), Toy.LabeledTarget(rows: 60).Inputs);
        using var one = new BalancedDistributionAdaptation { Balance = 0, Rounds = 1 }.Fit(source, target);
        using var many = new BalancedDistributionAdaptation { Balance = 0, Rounds = 4 }.Fit(source, target);
        Assert.True(one.Weights.allclose(many.Weights, 1e-5, 1e-6));
    }

    [Fact]
    public void BalancedDistributionAdaptation_EqualClassShares_MakeTheWeightedFormPlain()
    {
        // One class in two of equal size on both sides: every root of a share is the same number, which the norm of M
        // takes out where mu = 1.
        var (source, target) = (Toy.Source(rows: 80), Toy.Clouds(60, 2, angle: 0.3).Inputs);
        using var plain = new BalancedDistributionAdaptation { Balance = 1, Rounds = 2 }.Fit(source, target);
        using var weighted = new BalancedDistributionAdaptation
        {
            Balance = 1,
            Rounds = 2,
            WeighsClasses = true,
        }.Fit(source, target);
        Assert.True(plain.Weights.allclose(weighted.Weights, 1e-4, 1e-5));
    }

    [Theory]
    [InlineData(1, new[] { 146.74190682, 93.27302259, 42.65165666 })]
    [InlineData(2, new[] { 128.687276, 58.23652307, 21.46021071 })]
    [InlineData(3, new[] { 116.57495592, 41.14553318, 15.5936004 })]
    [InlineData(4, new[] { 101.25240589, 34.26460289, 17.20459907 })]
    public void BalancedDistributionAdaptation_WeightedClasses_IsNumPysInEveryRound(int rounds, double[] eigenvalues)
    {
        // The paper's matrices written out in NumPy, SciPy's generalized eigenproblem, nearest neighbors on unit rows;
        // classes of 18, 8 and 4 rows.
        var labels = arange(30, dtype: int64).ge(18).to(int64) + arange(30, dtype: int64).ge(26).to(int64);
        var centers = tensor(new double[] { 0, 0, 0, 0, 0, 1.5, -1, 0, 0, 0.5, -1, 0, 2, 0, 0 }).reshape(3, 5);
        var numbers = arange(150, dtype: float64).reshape(30, 5);
        var source = ((numbers * 1.3) + 0.5).sin() + (numbers * 0.37).cos() + centers.index_select(0, labels);
        var fewer = numbers.narrow(0, 0, 24);
        var target = ((fewer * 1.3) + 1.9).sin() + (fewer * 0.61).cos() + 0.4;

        using var map = new BalancedDistributionAdaptation
        {
            Balance = 1.8 / 2.2, // the paper's matrices with a balance of 0.6 have no factor of 3 classes: 0.4 to 0.6
            WeighsClasses = true,
            Components = 3,
            Ridge = 0.7,
            PenaltyScale = PenaltyScale.Absolute,
            Rounds = rounds,
        }.Fit(new LabeledDomain(source, labels), target);

        Assert.All(
            eigenvalues.Zip(map.Eigenvalues.data<double>().ToArray()),
            pair => Assert.Equal(pair.First, pair.Second, 1e-6)
        );
    }

    [Fact]
    public void JointDistributionAdaptation_OfValues_NamesTheArgument()
    {
        var source = new LabeledDomain(Rows(9, 4, 1), Rows(9, 1, 2));
        var fault = Assert.Throws<ArgumentException>(() =>
            new JointDistributionAdaptation().Fit(source, Rows(9, 4, 3))
        );
        Assert.Equal("source", fault.ParamName);
    }

    [Fact]
    public void SubspaceAlignment_OfOneSample_MapsBothSidesAlike()
    {
        var rows = Rows(30, 5, 1);
        var (source, target) = new SubspaceAlignment { Components = 3 }.Fit(rows, rows);
        Assert.True(source.Extract(rows).allclose(target.Extract(rows), 1e-9, 1e-10));
    }

    [Fact]
    public void SubspaceAlignment_OfFewWideRows_SpansTheirPrincipalSubspace()
    {
        var (narrow, wide) = (Rows(8, 20, 1), Rows(200, 20, 1));
        var (_, map) = new SubspaceAlignment { Components = 4 }.Fit(wide, narrow);
        var centered = narrow - narrow.mean([0L], keepdim: true);
        var best = linalg.svd(centered, fullMatrices: false).S.narrow(0, 0, 4).square().sum();
        Assert.True(map.Extract(narrow).square().sum().allclose(best, 1e-9, 1e-10));
    }

    [Fact]
    public void GeodesicFlowKernel_IsTheIntegralAlongTheGeodesic()
    {
        var (source, target) = (Rows(40, 6, 1), Rows(40, 6, 2) * linspace(0.5, 2, 6, dtype: float64));
        using var map = new GeodesicFlowKernel { Components = 2 }.Fit(source, target);

        var (start, end) = (Axes(source, 2), Axes(target, 2));
        var (u, c, vt) = linalg.svd(start.t().matmul(end), fullMatrices: false);
        var first = start.matmul(u);
        var away = end.matmul(vt.t()) - (first * c);
        away /= away.norm(0, keepdim: true);
        var angle = c.acos();
        var integral = zeros(6, 6, dtype: float64);
        const int Steps = 2000;
        for (var i = 0; i < Steps; i++)
        {
            var t = (i + 0.5) / Steps;
            var point = (first * (angle * t).cos()) + (away * (angle * t).sin());
            integral += point.matmul(point.t()) / Steps;
        }
        Assert.True(map.Matrix.matmul(map.Matrix.t()).allclose(integral, 1e-5, 1e-6));
    }

    [Fact]
    public void GeodesicFlowKernel_OfOneSample_IsTheProjection()
    {
        var rows = Rows(30, 6, 1);
        using var map = new GeodesicFlowKernel { Components = 2 }.Fit(rows, rows);
        var axes = Axes(rows, 2);
        Assert.True(map.Matrix.allclose(axes.matmul(axes.t()), 1e-6, 1e-6));
    }

    [Fact]
    public void GeodesicFlowKernel_OfFewWideRows_HasNoMoreComponentsThanTheySpan()
    {
        var rows = Rows(10, 100, 1);
        using var map = new GeodesicFlowKernel().Fit(rows, rows);
        var axes = Axes(rows, 9);
        Assert.True(map.Matrix.allclose(axes.matmul(axes.t()), 1e-6, 1e-6));
    }

    [Fact]
    public void LocationScale_FeatureConstantButForRounding_IsMovedNotScaled()
    {
        var source = full([1001, 1], 0.1, float64);
        var target = arange(20, dtype: float64).unsqueeze(1);

        using var map = new LocationScale().Fit(source, target);

        Assert.Equal(9.5, map.Extract(source)[0, 0].item<double>(), 9);
        Assert.Equal(10.5, map.Extract(source + 1)[0, 0].item<double>(), 9);
    }

    [Fact]
    public void LocationScale_GivesTheTargetsMeanAndSpread()
    {
        var (source, target) = (cat([Rows(30, 3, 1), ones(30, 1, dtype: float64)], 1), (Rows(25, 4, 2) * 3) + 1);
        using var map = new LocationScale().Fit(source, target);
        var mapped = map.Extract(source);
        Assert.True(mapped.mean([0L]).allclose(target.mean([0L]), 1e-9, 1e-10));
        Assert.True(mapped.std(0).narrow(0, 0, 3).allclose(target.std(0).narrow(0, 0, 3), 1e-9, 1e-10));
        Assert.Equal(0, mapped.std(0)[3].ToDouble(), 1e-12);
    }

    [Fact]
    public void FeatureAugmentation_OfTwoSources_KeepsInnerProductsWithinAndHalvesThemAcross()
    {
        var map = new FeatureAugmentation().For(2);
        var rows = Rows(5, 3, 1);
        var (first, second) = (map.For(DomainId.Source(0)).Extract(rows), map.For(DomainId.Source(1)).Extract(rows));
        var gram = rows.matmul(rows.t());
        Assert.Equal([5L, 12L], first.shape);
        Assert.True(first.matmul(first.t()).allclose(2 * gram));
        Assert.True(first.matmul(second.t()).allclose(gram));
    }

    [Fact]
    public void FeatureAugmentation_OneDomain_HasOneBranchAndASourceTooManyHasNone()
    {
        var map = new FeatureAugmentation().For(2);

        Assert.Same(map.For(DomainId.Source(1)), map.For(DomainId.Source(1)));
        Assert.Same(map.For(DomainId.Target), map.For(DomainId.Target));
        var fault = Assert.Throws<ArgumentException>(() => map.For(DomainId.Source(2)));
        Assert.Equal("domain", fault.ParamName);
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Rows(long count, long width, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([count, width], dtype: float64, generator: generator) * linspace(2, 0.5, width, dtype: float64);
    }

    private static Tensor Mean(Tensor rows, Tensor labels, int c) =>
        rows.index_select(0, labels.eq(c).nonzero().reshape(-1)).mean([0L]);

    private static Tensor Axes(Tensor rows, long count)
    {
        var centered = rows - rows.mean([0L], keepdim: true);
        return linalg.svd(centered, fullMatrices: false).Vh.narrow(0, 0, count).t();
    }
}
