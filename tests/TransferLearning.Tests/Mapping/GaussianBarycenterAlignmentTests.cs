using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Domains that meet in the middle.</summary>
public sealed class GaussianBarycenterAlignmentTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // NumPy and SciPy's sqrtm: the barycenter's own equation iterated in its other form to 1e-15, then the closed maps.
    [Theory]
    [InlineData(
        false,
        1.119992717015,
        0.355284683486,
        -1.064211160714,
        0.948825885561,
        -0.011836791033,
        -1.518997699819
    )]
    [InlineData(true, 1.35869504207, 0.471661831598, -0.954448440083, 1.18702851579, 0.043041317282, -1.402184574949)]
    public void Fit_ThreeSources_MovesRowsAsAnIndependentComputationDoes(bool includesTarget, params double[] expected)
    {
        var maps = new GaussianBarycenterAlignment { IncludesTarget = includesTarget }.Fit(Sources(), Target());

        var second = maps.For(DomainId.Source(1)).Extract(Sources()[1].narrow(0, 0, 1));
        var target = maps.Extract(Target().narrow(0, 0, 1));
        var missed = (cat([second, target], 1).squeeze(0) - tensor(expected)).abs().max().item<double>();
        Assert.True(missed < 1e-8, $"missed by {missed}");
        Dispose(maps);
    }

    [Fact]
    public void Fit_ThreeSources_GivesAllDomainsOneMeanAndCovariance()
    {
        var maps = new GaussianBarycenterAlignment().Fit(Sources(), Target());

        var moved = Sources()
            .Select((rows, k) => maps.For(DomainId.Source(k)).Extract(rows))
            .Append(maps.Extract(Target()))
            .ToList();

        Assert.All(moved, rows => Assert.True(rows.mean([0L]).allclose(moved[0].mean([0L]), 1e-9, 1e-9)));
        Assert.All(moved, rows => Assert.True(Covariance(rows).allclose(Covariance(moved[0]), 1e-6, 1e-7)));
        Dispose(maps);
    }

    [Fact]
    public void Fit_OneSource_IsTheLinearMongeMapOfTheTarget()
    {
        var maps = new GaussianBarycenterAlignment().Fit([Sources()[0]], Target());
        using var map = new LinearMongeMap().Fit(Target(), Sources()[0]);

        Assert.True(maps.Extract(Target()).allclose(map.Extract(Target()), 1e-6, 1e-7));
        Assert.True(maps.For(DomainId.Source(0)).Extract(Sources()[0]).allclose(Sources()[0], 1e-6, 1e-7));
        Dispose(maps);
    }

    [Fact]
    public void Fit_OfRowsThatAreReadInPieces_IsThatOfTheTensors()
    {
        var labels = arange(20, dtype: int64).remainder(2);
        var domains = new DomainSet(
            [.. Sources().Select(rows => new LabeledDomain(new PiecewiseRows(rows, 4096), labels))],
            new UnlabeledDomain(new PiecewiseRows(Target(), 4096))
        );

        var streamed = (PerDomainExtractor)new GaussianBarycenterAlignment().Fit(domains, new FitContext());
        var maps = new GaussianBarycenterAlignment().Fit(Sources(), Target());

        foreach (var domain in new[] { DomainId.Source(2), DomainId.Target })
        {
            var (left, right) = (streamed.For(domain).Extract(Target()), maps.For(domain).Extract(Target()));
            Assert.True(left.allclose(right, 1e-10, 1e-10));
        }
        Dispose(streamed);
        Dispose(maps);
    }

    [Fact]
    public void Fit_OfFaultyInput_NamesTheArgument()
    {
        var alignment = new GaussianBarycenterAlignment();
        Assert.Equal(
            "sources",
            Assert.Throws<ArgumentOutOfRangeException>(() => alignment.Fit([], Target())).ParamName
        );
        Assert.Equal(
            "target",
            Assert.Throws<ArgumentException>(() => alignment.Fit([zeros(5, 4, float64)], Target())).ParamName
        );
        Assert.Equal(
            "Ridge",
            Assert
                .Throws<ArgumentOutOfRangeException>(() =>
                    new GaussianBarycenterAlignment { Ridge = 0 }.Fit(Sources(), Target())
                )
                .ParamName
        );
        var maps = alignment.Fit(Sources(), Target());
        Assert.Throws<ArgumentException>(() => maps.For(DomainId.Source(3)));
        Dispose(maps);
    }

    // Word counts in 100 principal axes of all three domains; NumPy and scikit-learn on the same rows: 30.8 to 39.7.
    [LongFact]
    public void Map_FromAmazonAndCaltechToWebcam_BeatsPooledSources()
    {
        var path = SharedData.File("office_caltech", "surf800_acw.npz");
        var names = new[] { "amazon", "caltech", "webcam" };
        var counts = names.Select(name => NumpyBytes.Read(path, name + "_x").to(float64)).ToList();
        var shares = cat([.. counts.Select(rows => rows / rows.sum(1, keepdim: true))]);
        var spread = shares.std(0, unbiased: false);
        var standard = (shares - shares.mean([0L])) / where(spread > 0, spread, ones_like(spread));
        var axes = linalg.eigh(standard.t().matmul(standard)).Item2.narrow(1, 700, 100);
        var rows = standard.matmul(axes).split([.. counts.Select(part => part.shape[0])]);
        var domains = names
            .Select(
                (name, k) =>
                    new LabeledDomain(rows[k], NumpyBytes.Read(path, name + "_y"), space: LabelSpace.Classes(10))
            )
            .ToList();
        double Accuracy(AdaptationBuilder chain)
        {
            using var model = chain.Learn(new NearestNeighbor()).Fit(domains[..2], domains[2].WithoutLabels());
            return OfficeImages.Accuracy(model, domains[2]);
        }

        var pooled = Accuracy(new AdaptationBuilder());
        var aligned = Accuracy(new AdaptationBuilder().Map(new GaussianBarycenterAlignment { Ridge = 1 }));

        output.WriteLine($"{pooled:F1}: {aligned:F1}");
        Assert.True(aligned > pooled + 3, $"{aligned} after {pooled}");
    }

    public void Dispose() => scope.Dispose();

    private static void Dispose(PerDomainExtractor maps)
    {
        foreach (var map in maps.Inner.OfType<IDisposable>())
        {
            map.Dispose();
        }
    }

    private static Tensor Covariance(Tensor rows)
    {
        var centered = rows - rows.mean([0L]);
        return centered.t().matmul(centered) / rows.shape[0];
    }

    private static Tensor[] Sources()
    {
        var f = FormulaRows.Features();
        return
        [
            .. Enumerable
                .Range(0, 3)
                .Select(k =>
                    ((FormulaRows.Column(20, 1.3) + (f * 2.1) + k).sin() * (1 + (f * (0.3 * k))))
                    + ((FormulaRows.Column(20, 0.5) * (f + 1)).cos() * 0.3)
                ),
        ];
    }

    private static Tensor Target()
    {
        var f = FormulaRows.Features();
        return ((FormulaRows.Column(17, 0.7) + (f * 1.7)).cos() * 1.5)
            + 0.4
            + ((FormulaRows.Column(17, 1) * (f + 2)).sin() * 0.3);
    }
}
