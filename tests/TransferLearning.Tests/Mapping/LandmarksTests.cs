using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Kernel methods on landmarks against the same methods on all rows.</summary>
public sealed class LandmarksTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly LabeledDomain source = Doubles(Toy.Source(rows: 90, classes: 3));
    private readonly Tensor target = Toy.LabeledTarget(rows: 60, classes: 3).Inputs.to(float64);

    private Tensor AllRows => cat([source.Inputs, target]);

    [Fact]
    public void TransferComponentAnalysis_OnAllRows_AreTheExactOnes()
    {
        using var exact = Components(null).Fit(source.Inputs, target);
        using var onLandmarks = Components(150).Fit(source.Inputs, target);

        Assert.True(onLandmarks.Eigenvalues.allclose(exact.Eigenvalues, 1e-8, 1e-12));
        Assert.True(UpToSigns(onLandmarks.Extract(target)).allclose(UpToSigns(exact.Extract(target)), 1e-5, 1e-7));
    }

    [Fact]
    public void TransferComponentAnalysis_OfMoreLandmarks_NearTheExactOnes()
    {
        using var exact = Components(null).Fit(source.Inputs, target);
        double Missed(int landmarks) =>
            Enumerable
                .Range(1, 5)
                .Average(seed =>
                {
                    using var map = Components(landmarks).Fit(source.Inputs, target, FitContext.Seeded(seed));
                    return Apart(map.Extract(AllRows), exact.Extract(AllRows));
                });

        var (few, some, many) = (Missed(10), Missed(40), Missed(100));

        Assert.True(few > 3 * some && some > 3 * many && many < 0.05, $"{few}, {some}, {many}");
    }

    [Fact]
    public void TransferComponentAnalysis_OfOneSeed_AreTheSameAndOfAnotherNot()
    {
        Tensor Mapped(long seed)
        {
            using var map = Components(20).Fit(source.Inputs, target, FitContext.Seeded(seed));
            return map.Extract(target);
        }
        Assert.True(Mapped(3).Equals(Mapped(3)));
        Assert.False(Mapped(3).Equals(Mapped(4)));
    }

    [Fact]
    public void TransferComponentAnalysis_OfSinglePrecisionRows_AgreeWithDouble()
    {
        using var map = Components(60).Fit(source.Inputs, target);
        using var single = Components(60).Fit(source.Inputs.to(float32), target.to(float32));
        var (expected, mapped) = (map.Extract(target), single.Extract(target.to(float32)));
        Assert.Equal(float32, mapped.dtype);
        Assert.True(UpToSigns(mapped.to(float64)).allclose(UpToSigns(expected), 1e-3, 1e-4));
    }

    [Fact]
    public void TransferComponentAnalysis_OfRowsThatAreReadInPieces_AreThoseOfTheTensors()
    {
        var (many, target) = (Doubles(Toy.Source(rows: 9000)), Toy.LabeledTarget(rows: 5000).Inputs.to(float64));
        var pieces = new DomainSet(
            [new LabeledDomain(new PiecewiseRows(many.Inputs, 4096), many.Labels)],
            new UnlabeledDomain(new PiecewiseRows(target, 4096))
        );
        var streamed = Components(20).Fit(pieces, FitContext.Seeded(7));
        using var whole = Components(20).Fit(many.Inputs, target, FitContext.Seeded(7));
        Assert.True(streamed.Extract(target).allclose(whole.Extract(target), 1e-9, 1e-10));
        (streamed as IDisposable)?.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void JointAndBalancedAdaptation_OnAllRows_AreTheExactOnes(bool isBalanced)
    {
        KernelMap Fit(int? landmarks) =>
            isBalanced
                ? new BalancedDistributionAdaptation
                {
                    Kernel = new GaussianKernel(0.2),
                    Landmarks = landmarks,
                    Components = 4,
                    Rounds = 3,
                    WeighsClasses = true,
                }.Fit(source, target)
                : new JointDistributionAdaptation
                {
                    Kernel = new GaussianKernel(0.2),
                    Landmarks = landmarks,
                    Components = 4,
                    Rounds = 3,
                }.Fit(source, target);
        using var exact = Fit(null);
        using var onLandmarks = Fit(150);

        Assert.True(onLandmarks.Eigenvalues.allclose(exact.Eigenvalues, 1e-7, 1e-12));
        Assert.True(UpToSigns(onLandmarks.Extract(target)).allclose(UpToSigns(exact.Extract(target)), 1e-4, 1e-6));
    }

    [Fact]
    public void KernelMeanMatching_OnAllRows_IsTheExactOne()
    {
        var exact = Matching(null).Weigh(source.Inputs, target);
        var onLandmarks = Matching(150).Weigh(source.Inputs, target);
        Assert.True(onLandmarks.allclose(exact, 1e-4, 1e-5), $"{(onLandmarks - exact).abs().max().item<double>()}");
    }

    [Fact]
    public void KernelMeanMatching_OfMoreLandmarks_NearsTheExactMeans()
    {
        var kernel = new GaussianKernel(0.2);
        var (within, across) = (kernel.Matrix(source.Inputs, source.Inputs), kernel.Matrix(source.Inputs, target));
        double Objective(Tensor weights) =>
            (weights.dot(within.mv(weights)) / 2 - weights.dot(across.sum(1)) * 90 / 60).item<double>();
        var best = Objective(Matching(null).Weigh(source.Inputs, target));
        double Missed(int landmarks) =>
            Enumerable
                .Range(1, 5)
                .Average(seed =>
                    Objective(Matching(landmarks).Weigh(source.Inputs, target, FitContext.Seeded(seed))) - best
                );

        var (few, some, many) = (Missed(5), Missed(20), Missed(80));

        Assert.True(few > some && some > 3 * many && many >= -1e-6, $"{few}, {some}, {many}");
    }

    [Fact]
    public void KernelMeanMatching_OfRowsThatAreReadInPieces_WeighsAsOfTheTensors()
    {
        var (many, target) = (Doubles(Toy.Source(rows: 5000)), Toy.LabeledTarget(rows: 5000).Inputs.to(float64));
        var weights = Matching(10)
            .Weigh(
                new LabeledDomain(new PiecewiseRows(many.Inputs, 4096), many.Labels),
                new UnlabeledDomain(new PiecewiseRows(target, 4096)),
                FitContext.Seeded(7)
            );
        Assert.True(weights.allclose(Matching(10).Weigh(many.Inputs, target, FitContext.Seeded(7)), 1e-7, 1e-8));
    }

    [Fact]
    public void Landmarks_WithoutAKernelOrTooFew_NameTheArgument()
    {
        void Names(Action fit) => Assert.Equal("Landmarks", Assert.Throws<ArgumentOutOfRangeException>(fit).ParamName);
        Names(() => new TransferComponentAnalysis { Kernel = null, Landmarks = 20 }.Fit(source.Inputs, target));
        Names(() => new JointDistributionAdaptation { Landmarks = 20, Components = 2 }.Fit(source, target));
        Names(() => new TransferComponentAnalysis { Landmarks = 1, Components = 1 }.Fit(source.Inputs, target));
        Names(() => new KernelMeanMatching { Landmarks = 0 }.Weigh(source.Inputs, target));
    }

    public void Dispose() => scope.Dispose();

    private static TransferComponentAnalysis Components(int? landmarks) =>
        new()
        {
            Kernel = new GaussianKernel(0.2),
            Components = 4,
            Ridge = 0.1,
            Landmarks = landmarks,
        };

    private static KernelMeanMatching Matching(int? landmarks) =>
        new()
        {
            Kernel = new GaussianKernel(0.2),
            Bound = 5,
            Landmarks = landmarks,
        };

    private static LabeledDomain Doubles(LabeledDomain domain) => domain.WithInputs(domain.Inputs.to(float64));

    private static Tensor UpToSigns(Tensor components) => components * components.narrow(0, 0, 1).sign();

    // The share of the exact components that lies outside the span of the others.
    private static double Apart(Tensor components, Tensor exact)
    {
        static Tensor Basis(Tensor rows) => linalg.qr(rows - rows.mean([0L], keepdim: true)).Q;
        var (left, right) = (Basis(components), Basis(exact));
        return 1 - (left.t().matmul(right).square().sum() / right.shape[1]).item<double>();
    }
}
