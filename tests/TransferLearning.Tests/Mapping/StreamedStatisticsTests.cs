using TransferLearning.Data;
using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>
/// Maps from statistics over rows that cannot be read whole, against the same maps of tensors and against plain
/// formulas.
/// </summary>
public sealed class StreamedStatisticsTests : IDisposable
{
    private const long AtOnce = 4096;

    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<IFeatureMapping> Maps() =>
        [
            new CorrelationAlignment(),
            new SubspaceAlignment { Components = 3 },
            new GeodesicFlowKernel { Components = 2 },
            new LinearMongeMap(),
            new LocationScale(),
            new InvariantFeatureSelection(),
            new MarginalizedDenoisingAutoencoder { Layers = 2 },
        ];

    [Theory]
    [MemberData(nameof(Maps))]
    public void Fit_OfRowsThatAreReadInPieces_IsThatOfTheTensors(IFeatureMapping mapping)
    {
        var (source, more, target) = (Rows(5000, 1), Rows(300, 2), Rows(9000, 3) + 2);
        var pieces = new DomainSet(
            [Domain(new PiecewiseRows(source, AtOnce)), Domain(new PiecewiseRows(more, AtOnce))],
            new UnlabeledDomain(new PiecewiseRows(target, AtOnce))
        );
        var whole = new DomainSet(
            [Domain(new TensorRows(cat([source, more])))],
            new UnlabeledDomain(new TensorRows(target))
        );

        var (streamed, expected) = (mapping.Fit(pieces, new FitContext()), mapping.Fit(whole, new FitContext()));

        foreach (var domain in new[] { DomainId.Source(0), DomainId.Target })
        {
            var (left, right) = (streamed.For(domain).Extract(more), expected.For(domain).Extract(more));
            if (mapping is GeodesicFlowKernel)
            {
                // The map is a root of a matrix of low rank, known to half the digits; what it stands for is the
                // kernel.
                (left, right) = (left.matmul(left.t()), right.matmul(right.t()));
            }
            Assert.True(left.allclose(right, 1e-10, 1e-10));
        }
        foreach (var part in new[] { streamed, expected }.SelectMany(map => map.WithInner()).OfType<IDisposable>())
        {
            part.Dispose();
        }
    }

    [Fact]
    public void Moments_OverBlocks_AreThoseOfTheWholeFarFromZero()
    {
        var rows = Rows(10_000, 1) + 1e6;

        var moments = Moments.Of([new PiecewiseRows(rows, AtOnce)]);
        var diagonal = Moments.Of([new PiecewiseRows(rows, AtOnce)], isDiagonal: true);

        var centered = rows - rows.mean([0L]);
        Assert.Equal(10_000, moments.Count);
        Assert.True(moments.Mean.allclose(rows.mean([0L]), 1e-14, 0));
        Assert.True(moments.Covariance.allclose(centered.t().matmul(centered) / 9999, 1e-10, 1e-10));
        Assert.True(diagonal.Covariance.allclose(rows.var(0), 1e-10, 0));
    }

    [Fact]
    public void Moments_OfDifferentWidths_SaySo()
    {
        var fault = Assert.Throws<ArgumentException>(() =>
            Moments.Of([new TensorRows(Rows(10, 1)), new TensorRows(Rows(10, 2).narrow(1, 0, 3))])
        );
        Assert.Contains("one width", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fit_Canceled_Throws()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        var domains = new DomainSet([Domain(new TensorRows(Rows(10, 1)))], new UnlabeledDomain(Rows(10, 2)));
        Assert.Throws<OperationCanceledException>(() =>
            new CorrelationAlignment().Fit(domains, new FitContext { Cancellation = cancellation.Token })
        );
    }

    public void Dispose() => scope.Dispose();

    private static LabeledDomain Domain(IRowSource rows) => new(rows, zeros(rows.Count, dtype: int64));

    private static Tensor Rows(long count, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([count, 6], dtype: float64, generator: generator) * arange(1, 7, dtype: float64);
    }
}
