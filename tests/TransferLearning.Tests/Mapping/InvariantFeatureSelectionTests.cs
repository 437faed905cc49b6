using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class InvariantFeatureSelectionTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Fit_LinearKernel_WeighsBySquaredGapsOfMeansAndKeepsTheLightFeatures()
    {
        using var map = new InvariantFeatureSelection().Fit(Waves.Source().Inputs, Waves.Target());

        // NumPy: squared gaps of the means over their norm.
        IsClose([0.0021105412, 0.961654943, 0.2409501336, 0.1309898828], map.Weights, 1e-9);
        Assert.Equal([0L, 2, 3], map.Kept.data<long>().ToArray()); // up to 1 / sqrt(4)
        Assert.True(map.Extract(Waves.Target()).equal(Waves.Target().index_select(1, map.Kept)).all().item<bool>());
    }

    [Fact]
    public void Fit_GaussianKernel_FindsTheWeightsOfAConstrainedSolver() =>
        // SciPy: sequential quadratic programming on the same discrepancy, from equal weights.
        IsClose([0.7699812, 0.4001243, 0.2352300, 0.4378313], Weights(new GaussianKernel(0.5)), 2e-6);

    [Fact]
    public void Fit_QuadraticKernel_FindsTheLeadingEigenvectorOfTheSquaredGapOfMoments() =>
        // NumPy: eigenvectors of (S'S / n - T'T / m), entries squared.
        IsClose([0.8061911402, 0.5878814394, 0.030109065, 0.0595374072], Weights(new PolynomialKernel(2)), 2e-6);

    [Fact]
    public void Fit_QuadraticKernelWithAConstant_SolvesTheTrustRegionProblem() =>
        // SciPy: (mu I - Q)^-1 b / 2 with the mu, above Q's eigenvalues, that gives norm 1.
        IsClose(
            [0.6125004462, 0.7674378835, 0.1418341704, 0.1255602107],
            Weights(new PolynomialKernel(2, 0.5, 1)),
            2e-6
        );

    [Fact]
    public void Fit_PolynomialKernelOfDegreeOne_IsTheLinearOne() =>
        IsClose([0.0021105412, 0.961654943, 0.2409501336, 0.1309898828], Weights(new PolynomialKernel(1)), 2e-6);

    // In another order the same rows differ by rounding, whose direction means nothing.
    [Theory]
    [InlineData(1e-3)]
    [InlineData(1)]
    [InlineData(100)]
    public void Fit_DomainsThatCoincide_KeepsEveryFeature(double scale)
    {
        var rows = Waves.Rows(30, 4, 0.4) * scale;
        foreach (var kernel in new IKernel[] { new LinearKernel(), new GaussianKernel(), new PolynomialKernel(2) })
        {
            foreach (var same in new[] { rows.clone(), rows.flip(0), rows.roll(7, 0) })
            {
                using var map = new InvariantFeatureSelection { Kernel = kernel, Threshold = 0.1 }.Fit(rows, same);
                Assert.Equal(4, map.Kept.shape[0]);
                Assert.Equal(0, map.Weights.max().item<double>());
            }
        }
    }

    [Fact]
    public void Fit_ThresholdBelowAllWeights_SaysSo()
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new InvariantFeatureSelection { Threshold = 0.001 }.Fit(Waves.Source().Inputs, Waves.Target())
        );
        Assert.Equal("Threshold", fault.ParamName);
        Assert.Contains("Raise it", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_BadThreshold_NamesIt() =>
        Assert.Equal(
            "Threshold",
            Assert
                .Throws<ArgumentOutOfRangeException>(() =>
                    new InvariantFeatureSelection { Threshold = 1.5 }.Fit(Waves.Source().Inputs, Waves.Target())
                )
                .ParamName
        );

    [LongFact]
    public void Fit_DigitsOfTwoHands_GainsOnAllFeatures()
    {
        var file = SharedData.File("digits", "mnist2000_usps1800_16x16.npz");
        LabeledDomain Digits(string name)
        {
            var pixels = NumpyBytes.Read(file, name + "_x").to(float32);
            return new(pixels / pixels.norm(1, keepdim: true), NumpyBytes.Read(file, name + "_y"));
        }
        double Accuracy(string from, string to, AdaptationBuilder builder)
        {
            using var inner = NewDisposeScope();
            var target = Digits(to);
            using var model = builder
                .Learn(new LogisticRegression { InversePenalty = 10, Tolerance = 1e-4 })
                .Fit(Digits(from), target.WithoutLabels());
            return 100 * model.PredictClasses(target.Inputs).eq(target.Labels).to(float64).mean().item<double>();
        }
        double Mean(Func<AdaptationBuilder> start) =>
            (Accuracy("mnist", "usps", start()) + Accuracy("usps", "mnist", start())) / 2;

        var alone = Mean(() => new AdaptationBuilder());
        var selected = Mean(() => new AdaptationBuilder().Map(new InvariantFeatureSelection()));

        output.WriteLine($"{alone:F2}, {selected:F2}");
        Assert.True(selected > alone + 4, $"{selected:F2} against {alone:F2}");
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Weights(IKernel kernel) =>
        new InvariantFeatureSelection { Kernel = kernel, Threshold = 1 }
            .Fit(Waves.Source().Inputs, Waves.Target())
            .Weights;

    private static void IsClose(double[] expected, Tensor weights, double tolerance) =>
        Assert.True(
            (weights - tensor(expected, dtype: float64)).abs().max().item<double>() < tolerance,
            string.Join(", ", weights.data<double>().ToArray())
        );
}
