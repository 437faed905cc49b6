using TransferLearning.Data;
using TransferLearning.Instance;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>Weights from rows that cannot be read whole, against the same weights from tensors.</summary>
public sealed class StreamedWeightsTests : IDisposable
{
    private const long AtOnce = 4096;

    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<IInstanceWeighting> Weightings() =>
        [
            new GaussianDensityWeighting(),
            new GaussianDensityWeighting { Ridge = 0.1, PenaltyScale = PenaltyScale.Absolute },
            new LeastSquaresImportanceFitting(),
            new LeastSquaresImportanceFitting
            {
                Gammas = [0.02],
                Penalties = [0.1],
                MaxCenters = 30,
            },
            new LeastSquaresImportanceFitting { RelativeShare = 0.1, Penalties = [0.01, 1] },
        ];

    [Theory]
    [MemberData(nameof(Weightings))]
    public void Weigh_RowsThatAreReadInPieces_IsAsOfTheTensors(IInstanceWeighting weighting)
    {
        foreach (var (n, m) in new[] { (9000, 5000), (300, 7000) })
        {
            var (source, target) = (Rows(n, 1), (Rows(m, 2) * 0.8) + 0.5);

            var expected = Weighed(weighting, new TensorRows(source), new TensorRows(target));
            var streamed = Weighed(weighting, new PiecewiseRows(source, AtOnce), new PiecewiseRows(target, AtOnce));

            Assert.Equal([n], streamed.shape);
            Assert.True(expected.std().item<double>() > 1e-3);
            Assert.True(streamed.allclose(expected, 0, 1e-9 * expected.abs().max().item<double>()));
        }
    }

    [Fact]
    public void Weigh_SingleRowsThatAreReadInPieces_KeepTheirDtype()
    {
        var (source, target) = (Rows(500, 1).to(float32), Rows(400, 2).to(float32));
        foreach (
            var weighting in new IInstanceWeighting[]
            {
                new GaussianDensityWeighting(),
                new LeastSquaresImportanceFitting(),
            }
        )
        {
            var streamed = Weighed(weighting, new PiecewiseRows(source, AtOnce), new PiecewiseRows(target, AtOnce));
            Assert.Equal(float32, streamed.dtype);
        }
    }

    [Theory]
    [MemberData(nameof(Weightings))]
    public void Weigh_RowsOfDifferentWidths_SaysBoth(IInstanceWeighting weighting)
    {
        var narrow = new PiecewiseRows(Rows(20, 2).narrow(1, 0, 3), AtOnce);

        var fault = Assert.Throws<ArgumentException>(() =>
            Weighed(weighting, new PiecewiseRows(Rows(20, 1), AtOnce), narrow)
        );

        Assert.Contains("same width", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weigh_ASingleRow_SaysHowManyAreNeeded()
    {
        var fault = Assert.Throws<ArgumentException>(() =>
            Weighed(
                new GaussianDensityWeighting(),
                new PiecewiseRows(Rows(20, 1), AtOnce),
                new PiecewiseRows(Rows(1, 2), AtOnce)
            )
        );

        Assert.Equal("target", fault.ParamName);
        Assert.Contains("at least 2 row(s); got 1", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Weightings))]
    public void Weigh_Canceled_Throws(IInstanceWeighting weighting)
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        var rows = new PiecewiseRows(Rows(50, 1), AtOnce);

        Assert.Throws<OperationCanceledException>(() =>
            weighting.Weigh(
                new LabeledDomain(rows, zeros(50, dtype: int64)),
                new UnlabeledDomain(rows),
                new FitContext { Cancellation = cancellation.Token }
            )
        );
    }

    [Fact]
    public void Chain_OverRowsThatAreReadInPieces_IsThatOfTheTensors()
    {
        var (source, more, target) = (Rows(5000, 1), Rows(4500, 2), Rows(4200, 3) + 0.3);
        double[] Predicted(Func<Tensor, IRowSource> rows)
        {
            LabeledDomain Labeled(Tensor some) =>
                new(rows(some), some.select(1, 0).gt(0).to(int64), space: LabelSpace.Classes(2));
            using var model = new AdaptationBuilder()
                .Weight(new GaussianDensityWeighting())
                .Learn(new RidgeRegression())
                .Fit([Labeled(source), Labeled(more)], new UnlabeledDomain(rows(target)));
            return model.Predict(target.narrow(0, 0, 50)).data<double>().ToArray();
        }

        var expected = Predicted(rows => new TensorRows(rows));
        var streamed = Predicted(rows => new PiecewiseRows(rows, AtOnce));

        Assert.Equal(expected.Length, streamed.Length);
        Assert.All(expected.Zip(streamed), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Weighed(IInstanceWeighting weighting, IRowSource source, IRowSource target) =>
        weighting.Weigh(
            new LabeledDomain(source, zeros(source.Count, dtype: int64)),
            new UnlabeledDomain(target),
            FitContext.Seeded(3)
        );

    private static Tensor Rows(long count, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([count, 6], dtype: float64, generator: generator) * arange(1, 7, dtype: float64);
    }
}
