using TransferLearning.Data;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Learners;

/// <summary>Ridge regression over rows that cannot be read whole, against that of a tensor.</summary>
public sealed class StreamedRidgeTests : IDisposable
{
    private const long AtOnce = 4096;
    private const int Width = 7;

    private readonly DisposeScope scope = NewDisposeScope();

    [Theory]
    [InlineData(9000, 1, 0)]
    [InlineData(9000, 0, 0)]
    [InlineData(9000, 1, 1e5)]
    [InlineData(9000, 0, 1e5)]
    [InlineData(5, 1, 0)]
    [InlineData(5, 0, 0)]
    public void Fit_OfRowsThatAreReadInPieces_IsThatOfTheTensor(long rows, double penalty, double offset)
    {
        foreach (var scale in Enum.GetValues<PenaltyScale>())
        {
            foreach (var data in new[] { Classes(rows, offset), Values(rows, offset), Weighted(rows, offset) })
            {
                var learner = new RidgeRegression(penalty) { PenaltyScale = scale };
                using var expected = (LinearPredictor)learner.Fit(data);
                using var streamed = (LinearPredictor)
                    learner.Fit(data.WithRows(new PiecewiseRows(data.Inputs, AtOnce)));

                Assert.Equal(expected.ScoreKind, streamed.ScoreKind);
                Close(expected.Weight, streamed.Weight);
                Close(expected.Predict(data.Inputs), streamed.Predict(data.Inputs));
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Fit_OfRowsWithAFeatureThatIsConstantAndOneTwice_IsThatOfTheTensor(double penalty)
    {
        var data = Values(9000, 0);
        var rows = cat([data.Inputs, full([9000, 1], 0.1, dtype: float64), data.Inputs.narrow(1, 2, 1)], 1);
        var learner = new RidgeRegression(penalty);
        using var expected = (LinearPredictor)learner.Fit(data.WithInputs(rows));
        using var streamed = (LinearPredictor)learner.Fit(data.WithRows(new PiecewiseRows(rows, AtOnce)));

        Close(expected.Predict(rows), streamed.Predict(rows));
    }

    [Fact]
    public void Fit_OfRowsThatAllCoincide_GivesTheMeanOfTheLabels()
    {
        var rows = full([5000, Width], 0.1, dtype: float64);
        var labels = arange(5000, dtype: float64);
        using var predictor = (LinearPredictor)
            new RidgeRegression().Fit(new LabeledDomain(new PiecewiseRows(rows, AtOnce), labels));

        Assert.Equal(2499.5, predictor.Predict(rows.narrow(0, 0, 1)).item<double>(), 1e-8);
    }

    [Fact]
    public void Fit_OfImages_SaysWhatRowsMustBe()
    {
        var images = new PiecewiseRows(zeros(10, 1, 4, 4), AtOnce);

        var fault = Assert.Throws<ArgumentException>(() =>
            new RidgeRegression().Fit(new LabeledDomain(images, zeros(10, dtype: int64)))
        );

        Assert.Contains("must be feature rows [n, d]", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();

    private static LabeledDomain Classes(long rows, double offset)
    {
        var inputs = Rows(rows, offset);
        return new LabeledDomain(inputs, Signal(inputs, offset).gt(0).to(int64), space: LabelSpace.Classes(2));
    }

    private static LabeledDomain Values(long rows, double offset)
    {
        var inputs = Rows(rows, offset);
        var signal = Signal(inputs, offset);
        return new LabeledDomain(inputs, stack([signal + 3, signal.cos()], 1));
    }

    private static LabeledDomain Weighted(long rows, double offset)
    {
        var inputs = Rows(rows, offset);
        var weights = arange(rows, dtype: float64).remainder(3);
        return new LabeledDomain(inputs, Signal(inputs, offset).sin(), weights);
    }

    private static Tensor Signal(Tensor inputs, double offset) => (inputs - offset).sum(1);

    private static Tensor Rows(long count, double offset)
    {
        using var generator = new RandomKey(1).Generator();
        return (randn([count, Width], dtype: float64, generator: generator) * arange(1, Width + 1, dtype: float64))
            + offset;
    }

    private static void Close(Tensor expected, Tensor found)
    {
        var (gap, size) = ((found - expected).abs().max().item<double>(), expected.abs().max().item<double>());
        Assert.True(gap <= 1e-9 * size, $"differs by {gap:G3} of {size:G3}.");
    }
}
