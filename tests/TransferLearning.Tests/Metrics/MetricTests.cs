using TransferLearning.Evaluation;
using TransferLearning.ZeroShot;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Metrics;

/// <summary>Metrics and paired tests beside the figures of scikit-learn 1.2 and SciPy 1.10.</summary>
public sealed class MetricTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void ConfusionMatrix_OfFourClassesWithOneAbsent_HasScikitLearnsFigures()
    {
        var matrix = ConfusionMatrix.Of(
            tensor(new long[] { 0, 1, 0, 1, 2, 2, 2, 0, 2, 2 }),
            tensor(new long[] { 0, 0, 0, 1, 1, 2, 2, 2, 2, 0 }),
            4
        );

        double[] precision = [2.0 / 3, 0.5, 0.6, 0];
        double[] recall = [0.5, 0.5, 0.75, 0];
        double[] f1 = [0.5714285714285715, 0.5, 0.6666666666666665, 0];
        long[] support = [4, 2, 4, 0];
        for (var label = 0; label < 4; label++)
        {
            Assert.Equal(precision[label], matrix.Precision(label), 1e-12);
            Assert.Equal(recall[label], matrix.Recall(label), 1e-12);
            Assert.Equal(f1[label], matrix.F1(label), 1e-12);
            Assert.Equal(support[label], matrix.Support(label));
        }
        Assert.Equal(0.5833333333333334, matrix.BalancedAccuracy, 1e-12);
        Assert.Equal(0.6, matrix.Accuracy, 1e-12);
    }

    // NaN is libtorch's largest number: it would be taken for the class that the row is surest of.
    [Fact]
    public void Metrics_OfScoresThatAreNoNumbers_AreRefused()
    {
        var scores = tensor(
            new[,]
            {
                { 1.0, 0 },
                { double.NaN, 1 },
                { 0, double.NegativeInfinity },
            }
        );
        void Refused(string name, Action measure)
        {
            var fault = Assert.Throws<ArgumentException>(name, measure);
            Assert.Contains("NaN", fault.Message, StringComparison.Ordinal);
        }
        var labels = tensor(new long[] { 0, 1, 1 });

        Refused("predicted", () => AccuracyInterval.Of(scores, labels));
        Refused("predicted", () => ConfusionMatrix.Of(scores, labels, 2));
        Refused("predicted", () => OpenSetAccuracy.Of(scores, labels, 1));
        Refused("second", () => McNemarTest.Of(labels, scores, labels));
        Refused("probabilities", () => MultiLabelMetrics.Of(scores, nn.functional.one_hot(labels, 2)));
        Refused("similarities", () => RetrievalPrecision.Of(scores, labels, labels.narrow(0, 0, 2), 1));
        Refused("predicted", () => KeypointAccuracy.Of(scores, zeros_like(scores)));
        Refused("predicted", () => GeneralizedAccuracy.Of(scores, labels, tensor(new[] { true, false })));
        // Infinity is a score: of a class that cannot be.
        Assert.Equal(1, AccuracyInterval.Of(scores.narrow(0, 2, 1), zeros(1, int64)).Value);
    }

    [Fact]
    public void ConfusionMatrix_AsText_IsATable()
    {
        var matrix = ConfusionMatrix.Of(tensor(new long[] { 0, 1, 1, 1 }), tensor(new long[] { 0, 0, 1, 1 }), 2);

        Assert.Equal(
            """
            true     0     1 precision recall     F1
               0     1     1     1.000  0.500  0.667
               1     0     2     0.667  1.000  0.800
            accuracy 0.750, balanced 0.750
            """,
            matrix.ToString(),
            ignoreLineEndingDifferences: true
        );
    }

    [Fact]
    public void RegressionMetrics_OfValues_HaveScikitLearnsFigures()
    {
        var metrics = RegressionMetrics.Of(
            tensor(new[] { 2.5, 0, 2, 8, 3.9 }).unsqueeze(1),
            tensor(new[] { 3, -0.5, 2, 7, 4.2 })
        );

        Assert.Equal(0.5639148871948674, metrics.Rmse, 1e-12);
        Assert.Equal(0.46, metrics.Mae, 1e-12);
        Assert.Equal(0.9480256276150627, metrics.R2, 1e-12);
        Assert.Equal(5, metrics.Count);
    }

    // The mean of three times 0.1 is not 0.1.
    [Fact]
    public void RegressionMetrics_OfAConstantThatItsMeanMisses_CountNothing()
    {
        var metrics = RegressionMetrics.Of(tensor(new[] { 0.2, 0.1, 0.1 }), tensor(new[] { 0.1, 0.1, 0.1 }));

        Assert.Equal(0, metrics.R2);
    }

    [Fact]
    public void RegressionMetrics_OfTwoColumns_HaveScikitLearnsFigures()
    {
        var metrics = RegressionMetrics.Of(
            tensor(
                new double[,]
                {
                    { 0, 2 },
                    { -1, 2 },
                    { 8, -5 },
                }
            ),
            tensor(
                new double[,]
                {
                    { 0.5, 1 },
                    { -1, 1 },
                    { 7, -6 },
                }
            )
        );

        Assert.Equal(0.8416254115301732, metrics.Rmse, 1e-12);
        Assert.Equal(0.75, metrics.Mae, 1e-12);
        Assert.Equal(0.9368005266622779, metrics.R2, 1e-12);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(2.5, 0)]
    public void RegressionMetrics_OfConstantValues_AreExactOrNothing(double predicted, double expected) =>
        Assert.Equal(expected, RegressionMetrics.Of(full(4, predicted, float64), full(4, 2, float64)).R2);

    [Fact]
    public void RegressionMetrics_OfOtherShapes_SayWhich() =>
        Assert.Contains(
            "[4, 2]",
            Assert.Throws<ArgumentException>("values", () => RegressionMetrics.Of(zeros(4), zeros(4, 2))).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void ExpectedCalibrationError_OfLogits_IsRefused() =>
        Assert.Throws<ArgumentException>(
            "probabilities",
            () =>
                ExpectedCalibrationError.Of(
                    tensor(
                        new[,]
                        {
                            { 2.0, -1 },
                        }
                    ),
                    zeros(1, int64)
                )
        );

    [Theory]
    [InlineData(3, 9, 0.14599609375, 2.0833333333333335, 0.14891467317876161)]
    [InlineData(5, 5, 1, 0, 1)]
    [InlineData(0, 0, 1, 0, 1)]
    public void McNemarTest_OfCounts_HasScipysFigures(
        long b,
        long c,
        double exact,
        double statistic,
        double approximate
    )
    {
        var test = McNemarTest.Of(b, c);

        Assert.Equal(exact, test.PValue, 1e-12);
        Assert.Equal(statistic, test.ChiSquared, 1e-12);
        Assert.Equal(approximate, test.ChiSquaredPValue, 1e-12);
    }

    [Fact]
    public void McNemarTest_OfPredictions_CountsTheRowsThatTellThemApart()
    {
        var labels = tensor(new long[] { 0, 0, 1, 1, 1 });

        var test = McNemarTest.Of(
            tensor(new long[] { 0, 0, 1, 0, 0 }),
            tensor(
                new float[,]
                {
                    { 1, 0 },
                    { 0, 1 },
                    { 1, 0 },
                    { 0, 1 },
                    { 1, 0 },
                }
            ),
            labels
        );

        Assert.Equal((2, 1), (test.OnlyFirst, test.OnlySecond));
    }

    [Fact]
    public void WilcoxonTest_OfDistinctDifferences_IsScipysExactOne()
    {
        var test = WilcoxonTest.Of(
            [0.80, 0.74, 0.91, 0.66, 0.85, 0.79, 0.88, 0.70],
            [0.75, 0.76, 0.85, 0.62, 0.84, 0.71, 0.79, 0.67]
        );

        Assert.True(test.IsExact);
        Assert.Equal(2, test.Statistic);
        Assert.Equal(0.0234375, test.PValue, 1e-12);
    }

    [Fact]
    public void WilcoxonTest_OfTiesAndAZero_IsScipysApproximation()
    {
        var test = WilcoxonTest.Of([1, -2, 2, 3, -1, 4, 5, 0, 3, 2], new double[10]);

        Assert.False(test.IsExact);
        Assert.Equal((5.5, 9), (test.Statistic, test.Count));
        Assert.Equal(0.04290120601140134, test.PValue, 1e-12);
    }

    // 50,000 x 50,001 is more than an int holds. W is 1 + 3 + ... + 49,999 = 25,000^2.
    [Fact]
    public void WilcoxonTest_OfManyDifferences_IsTheApproximation()
    {
        double[] differences = [.. Enumerable.Range(1, 50_000).Select(i => i % 2 == 1 ? (double)i : -i)];

        var test = WilcoxonTest.Of(differences, new double[50_000]);

        Assert.Equal((6.25e8, 50_000), (test.Statistic, test.Count));
        Assert.Equal(0.9969098604611039, test.PValue, 1e-9);
    }

    // Probabilities of class 1 are no class numbers, and a single number is no row.
    [Fact]
    public void Accuracy_OfWhatIsNeitherScoresNorClasses_NamesIt()
    {
        var labels = tensor(new long[] { 0, 1 });
        Tensor[] others = [tensor(new[] { 0.2, 0.9 }), tensor(1L), zeros(2, 2, 2)];
        foreach (var other in others)
        {
            Assert.Throws<ArgumentException>("predicted", () => AccuracyInterval.Of(other, labels));
            Assert.Throws<ArgumentException>("predicted", () => ConfusionMatrix.Of(other, labels, 2));
            Assert.Throws<ArgumentException>("second", () => McNemarTest.Of(labels, other, labels));
        }
    }

    [Fact]
    public void WilcoxonTest_OfUnlikeLengths_IsRefused() =>
        Assert.Throws<ArgumentException>("second", () => WilcoxonTest.Of([1, 2], [1]));
}
