using TransferLearning.Instance;
using TransferLearning.Kernels;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>Label shift: three clouds, whose shares in the target are known.</summary>
public sealed class LabelShiftTests : IDisposable
{
    private static readonly double[] Shares = [0.1, 0.2, 0.7];
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<IInstanceWeighting> Estimators() =>
        [
            new BlackBoxShiftEstimation(),
            new BlackBoxShiftEstimation { IsSoft = true },
            new MaximumLikelihoodLabelShift(),
            new KernelLabelShift(),
        ];

    [Theory]
    [MemberData(nameof(Estimators))]
    public void Weigh_ShiftedShares_FindsThem(IInstanceWeighting weighting)
    {
        var source = Toy.Source(rows: 600, classes: 3);
        var target = Target();

        var weights = weighting.Weigh(source, target, FitContext.Seeded(1));

        for (var label = 0; label < 3; label++)
        {
            var ofClass = weights.index_select(0, source.Labels.eq(label).nonzero().squeeze(1));
            Assert.True(ofClass.eq(ofClass[0]).all().item<bool>());
            Assert.Equal(Shares[label] * 3, ofClass[0].item<float>(), 0.15);
        }
    }

    [Fact]
    public void MaximumLikelihoodLabelShift_ProbabilitiesOfSharedShares_StaysAtOne()
    {
        // The mean of the probabilities is the prior: a fixed point.
        var probabilities = tensor(
            new[,]
            {
                { 0.8, 0.2 },
                { 0.2, 0.8 },
            }
        );

        var weights = new MaximumLikelihoodLabelShift().ClassWeights(probabilities, tensor(new[] { 0.5, 0.5 }));

        Assert.True(weights.allclose(ones(2, float64), 1e-6, 1e-6));
    }

    [Fact]
    public void MaximumLikelihoodLabelShift_TwoClasses_MeetsTheLikelihoodsOptimum()
    {
        using var generator = new RandomKey(1).Generator();
        var probabilities = (randn([200, 2], dtype: float64, generator: generator) * 2).softmax(1);
        var priors = tensor(new[] { 0.7, 0.3 });

        var weights = new MaximumLikelihoodLabelShift().ClassWeights(probabilities, priors);

        double Likelihood(double share) =>
            (probabilities * (tensor(new[] { share, 1 - share }) / priors)).sum(1).log().mean().item<double>();
        var best = (weights[0] * 0.7).item<double>();
        Assert.True(Likelihood(best) >= Likelihood(best + 0.01) && Likelihood(best) >= Likelihood(best - 0.01));
    }

    [Fact]
    public void MaximumLikelihoodLabelShift_WeightedSource_MeansTheSameClassShares()
    {
        var source = Toy.Source(rows: 300, classes: 3);
        var weighted = source.WithWeights((source.Labels.to(float32) * 4) + 1);

        var weights = new MaximumLikelihoodLabelShift().Weigh(weighted, Target(), new FitContext());

        Assert.True(weights.allclose(new MaximumLikelihoodLabelShift().Weigh(source, Target(), new FitContext())));
    }

    [Fact]
    public void BlackBoxShiftEstimation_AllWeightInOneFold_SaysSo()
    {
        var source = Toy.Source(rows: 60, classes: 3);
        var weighted = source.WithWeights(arange(60).eq(7).to(float32));

        var fault = Assert.Throws<ArgumentException>(() =>
            new BlackBoxShiftEstimation().Weigh(weighted, Target(), new FitContext())
        );

        Assert.Contains("lies in one of 5 folds", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BlackBoxShiftEstimation_ClassNeverPredicted_IsRefused()
    {
        var always = tensor(
            new[,]
            {
                { 0.9, 0.1 },
                { 0.8, 0.2 },
                { 0.7, 0.3 },
            }
        );

        var fault = Assert.Throws<ArgumentException>(() =>
            new BlackBoxShiftEstimation().ClassWeights(always, tensor(new long[] { 0, 1, 1 }), always)
        );

        Assert.Equal("sourceProbabilities", fault.ParamName);
    }

    [Fact]
    public void BlackBoxShiftEstimation_KnownConfusion_SolvesIt()
    {
        // Class 0 is read rightly in 3 of 4 cases, class 1 in 1 of 2; the target is read as class 0 in 3 of 5 cases.
        var read = tensor(new long[] { 0, 0, 0, 1, 0, 1 });
        var truth = tensor(new long[] { 0, 0, 0, 0, 1, 1 });
        Tensor Sure(Tensor classes) => nn.functional.one_hot(classes, 2).to(float64);

        var weights = new BlackBoxShiftEstimation().ClassWeights(
            Sure(read),
            truth,
            Sure(tensor(new long[] { 0, 0, 0, 1, 1 }))
        );

        // [3 1; 1 1] w = 6 [3/5 2/5] gives w = [0.6, 1.8].
        Assert.True(weights.allclose(tensor(new[] { 0.6, 1.8 }), 1e-12, 1e-12));
    }

    [Fact]
    public void KernelLabelShift_ClassAbsentFromSource_WeighsNothing()
    {
        var (inputs, labels) = Toy.Clouds(60, 1);

        var weights = new KernelLabelShift().ClassWeights(inputs, labels, inputs, 3);

        Assert.Equal(0, weights[2].item<double>());
        Assert.True(weights.narrow(0, 0, 2).allclose(ones(2, float64), 1e-3, 1e-3));
    }

    // Of 20 source rows one is of the class that all target rows are of: its weight would be 20.
    [Theory]
    [InlineData(10.0, 0.5 / 0.95, 10.0)]
    [InlineData(4.0, 0.8 / 0.95, 4.0)]
    [InlineData(null, 0.0, 20.0)]
    public void KernelLabelShift_ClassThatIsRareInTheSource_WeighsAtMostTheBound(double? bound, double many, double one)
    {
        var isRare = arange(20, dtype: int64).eq(7);
        var rows = isRare.to(float64).unsqueeze(1);
        var method = new KernelLabelShift { Kernel = new GaussianKernel(1), MaxWeight = bound };

        var weights = method.ClassWeights(rows, isRare.to(int64), ones(10, 1, float64), 2);

        // A weight of 0 is at the border of the program, from which the solver stays 1e-5 away.
        Assert.True(weights.allclose(tensor(new[] { many, one }), 2e-5, 2e-5));
    }

    // The target has the source's rows, those of the second class twice.
    [Theory]
    [InlineData(1e-4)]
    [InlineData(1)]
    [InlineData(1e4)]
    public void KernelLabelShift_LinearKernelInAnyUnit_FindsTheShares(double unit)
    {
        var (inputs, labels) = Toy.Clouds(60, 1);
        var rows = inputs.to(float64) * unit;
        var target = cat([rows, rows.index_select(0, labels.nonzero().squeeze(1))]);
        var counts = labels.bincount(null).to(float64);
        var shares = counts * tensor(new double[] { 1, 2 });

        var weights = new KernelLabelShift { Kernel = new LinearKernel() }.ClassWeights(rows, labels, target, 2);

        Assert.True(weights.allclose(shares / shares.sum() * 60 / counts, 1e-5, 1e-5));
    }

    [Fact]
    public void KernelLabelShift_ByDefault_BoundsWeightsByTen() => Assert.Equal(10, new KernelLabelShift().MaxWeight);

    [Fact]
    public void Weigh_LabelsAreValues_IsRefused()
    {
        var (inputs, labels) = Toy.Clouds(20, 1);
        var values = new LabeledDomain(inputs, labels.to(float32));

        Assert.Throws<ArgumentException>(() =>
            new KernelLabelShift().Weigh(values, new UnlabeledDomain(inputs), new FitContext())
        );
    }

    public void Dispose() => scope.Dispose();

    private static UnlabeledDomain Target()
    {
        var (inputs, labels) = Toy.Clouds(3000, 8, classes: 3);
        var rows = Enumerable
            .Range(0, 3)
            .Select(label => labels.eq(label).nonzero().squeeze(1).narrow(0, 0, (long)(Shares[label] * 1000)));
        return new UnlabeledDomain(inputs.index_select(0, cat([.. rows])));
    }
}
