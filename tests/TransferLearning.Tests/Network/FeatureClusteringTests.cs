using TransferLearning.Data;
using TransferLearning.Distributed;
using TransferLearning.Evaluation;
using TransferLearning.Network;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Network;

/// <summary>Groups of rows whose classes nobody has labeled.</summary>
public sealed class FeatureClusteringTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // The least of 200 starts of scikit-learn 1.2.1's KMeans, tol 0: sin(1.3 i + 2.1 f), 60 x 3.
    [Fact]
    public void Fit_OfWaves_ReachesThePeersLeast()
    {
        using var clusters = new FeatureClustering(4) { Starts = 100 }.Fit(new UnlabeledDomain(Waves()));

        Assert.Equal(16.42486741608534, clusters.SquaredDistances, 1e-9);
        var sizes = clusters.Assign(Waves()).bincount(null, 4).data<long>().Order().ToArray();
        Assert.Equal([14, 15, 15, 16], sizes);
        var own = clusters.Centers.index_select(0, clusters.Assign(Waves()));
        Assert.Equal(clusters.SquaredDistances, (Waves() - own).square().sum().item<double>(), 1e-9);
    }

    [Fact]
    public void Fit_OfSeparateClouds_FindsThemFromAFewRows()
    {
        var (rows, labels) = Clouds(2000, 12);
        var clustering = new FeatureClustering(5) { StartRows = 100, Starts = 20 };

        using var clusters = clustering.Fit(new UnlabeledDomain(rows));
        using var again = clustering.Fit(new UnlabeledDomain(rows));

        var quality = ClusterQuality.Of(clusters.Assign(rows), labels);
        Assert.Equal((1.0, 1.0, 5), (quality.Purity, Math.Round(quality.AdjustedRandIndex, 12), quality.Clusters));
        Assert.Equal(clusters.Centers, again.Centers);
        Assert.InRange(clusters.Rounds, 2, 100);
        // Means of all rows, and not of the few.
        var first = clusters.Assign(rows).eq(0).nonzero().squeeze(1);
        Assert.True(rows.index_select(0, first).mean([0L]).allclose(clusters.Centers[0], 1e-9, 1e-12));
    }

    [Fact]
    public void Fit_OfUnitLength_SeesAnglesAlone()
    {
        var (rows, labels) = Clouds(300, 12);
        var directions = (rows / rows.norm(1, keepdim: true)) * (arange(300, dtype: float64).unsqueeze(1) + 1);

        using var clusters = Recipes.KMeans(5, unitLength: true).Fit(new UnlabeledDomain(directions));

        Assert.Equal(clusters.Assign(rows), clusters.Assign(directions));
        using var sameAsUnit = new FeatureClustering(5).Fit(new UnlabeledDomain(rows / rows.norm(1, keepdim: true)));
        Assert.Equal(sameAsUnit.SquaredDistances, clusters.SquaredDistances, 1e-9);
    }

    // Eight equal rows and two others: three clusters of all, whatever starts.
    [Fact]
    public void Fit_OfFewDifferentRows_GivesEmptyClustersTheFarthest()
    {
        var rows = cat([
            full([8, 1], 2.0, float64),
            tensor(
                new[,]
                {
                    { 5.0 },
                    { 9.0 },
                }
            ),
        ]);

        using var three = new FeatureClustering(3).Fit(new UnlabeledDomain(rows));
        using var four = new FeatureClustering(4).Fit(new UnlabeledDomain(rows)); // one stays without rows

        Assert.Equal(0, three.SquaredDistances, 1e-12);
        Assert.Equal(0, four.SquaredDistances, 1e-12);
        Assert.Equal([2.0, 5, 9], three.Centers.flatten().data<double>().Order().ToArray());
        Assert.All(
            four.Centers.flatten().data<double>().ToArray(),
            center => Assert.True(center is 2 or 5 or 9, $"{center}")
        );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(250)]
    [InlineData(499)]
    public void Fit_OfARowThatIsNotFinite_NamesItWhateverRowsItStartsFrom(long bad)
    {
        var rows = arange(500, float64).unsqueeze(1);
        rows[bad] = tensor(double.NaN);

        var fault = Assert.Throws<ArgumentException>(() =>
            new FeatureClustering(2) { StartRows = 2 }.Fit(new UnlabeledDomain(rows))
        );

        Assert.Contains("finite", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Fit_OfShards_IsThatOfAllRows(int processes)
    {
        var (rows, _) = Clouds(700, 2);
        var clustering = new FeatureClustering(6) { StartRows = 150, Starts = 2 };
        using var alone = clustering.Fit(new UnlabeledDomain(rows));
        var expected = alone.Centers.data<double>().ToArray();

        var results = ThreadCommunicator.Run(
            processes,
            communicator =>
            {
                using var inner = NewDisposeScope();
                long Cut(int rank) =>
                    rank == 0 ? 0
                    : rank == processes ? 700
                    : 101 + (300 * (rank - 1));
                var start = Cut(communicator.Rank);
                var own = rows.narrow(0, start, Cut(communicator.Rank + 1) - start).clone();
                using var found = clustering.Fit(new UnlabeledDomain(own).Sharded(communicator));
                return (Centers: found.Centers.data<double>().ToArray(), found.SquaredDistances, found.Rounds);
            }
        );

        foreach (var result in results)
        {
            Assert.Equal(alone.SquaredDistances, result.SquaredDistances, 1e-8);
            Assert.All(expected.Zip(result.Centers), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
            Assert.Equal(results[0].Centers, result.Centers);
        }
    }

    [Fact]
    public void Fit_OfASourceOfRows_IsThatOfTheTensor()
    {
        var (rows, _) = Clouds(9000, 12);
        var clustering = new FeatureClustering(5) { StartRows = 500 };

        using var ofTensor = clustering.Fit(new UnlabeledDomain(rows));
        using var ofSource = clustering.Fit(new UnlabeledDomain(new ReadRows(rows)));

        Assert.Equal(ofTensor.Centers, ofSource.Centers);
    }

    [Fact]
    public void Fit_OfFaultyInput_NamesTheArgument()
    {
        var rows = ones(3, 2);
        Assert.Equal(
            "domain",
            Assert.Throws<ArgumentException>(() => new FeatureClustering(4).Fit(new UnlabeledDomain(rows))).ParamName
        );
        Assert.Equal(
            "domain",
            Assert
                .Throws<ArgumentException>(() => new FeatureClustering(2).Fit(new UnlabeledDomain(rows / 0)))
                .ParamName
        );
        Assert.Equal(
            "Clusters",
            Assert
                .Throws<ArgumentOutOfRangeException>(() => new FeatureClustering(0).Fit(new UnlabeledDomain(rows)))
                .ParamName
        );
        using var clusters = new FeatureClustering(1).Fit(new UnlabeledDomain(rows));
        Assert.Throws<ArgumentException>(() => clusters.Assign(ones(3, 3)));
        var canceled = new FitContext { Cancellation = new CancellationToken(canceled: true) };
        Assert.ThrowsAny<OperationCanceledException>(() =>
            new FeatureClustering(2).Fit(new UnlabeledDomain(rows), canceled)
        );
        clusters.Dispose();
        Assert.Throws<ObjectDisposedException>(() => clusters.Assign(rows));
    }

    // An ImageNet network has seen none of these pictures, and no class of theirs was labeled. Beside it scikit-learn's
    // KMeans of ten starts on the same rows: purity 96.3 and 53.0, NMI 92.3 and 36.7, ARI 91.9 and 28.2.
    [LongFact]
    public void Fit_OfPretrainedFeatures_GroupsPicturesAsThePeerDoes()
    {
        var path = SharedData.File("pacs", "pacs3_resnet18_512.npz");
        foreach (
            var (domain, purity, nmi, ari) in new[] { ("photo", 0.963, 0.923, 0.919), ("art", 0.530, 0.367, 0.282) }
        )
        {
            var (rows, labels) = (NumpyBytes.Read(path, $"{domain}_x"), NumpyBytes.Read(path, $"{domain}_y"));

            using var clusters = Recipes.KMeans(7, unitLength: true).Fit(new UnlabeledDomain(rows.to(float32)));

            var quality = ClusterQuality.Of(clusters.Assign(rows.to(float32)), labels.to(int64));
            output.WriteLine($"{domain}: {quality}, {clusters.SquaredDistances}");
            Assert.InRange(quality.Purity, purity - 0.03, 1);
            Assert.InRange(quality.NormalizedMutualInformation, nmi - 0.03, 1);
            Assert.InRange(quality.AdjustedRandIndex, ari - 0.03, 1);
        }
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Waves() => (FormulaRows.Column(60, 1.3) + (FormulaRows.Features() * 2.1)).sin();

    // Five clouds around the corners of a polygon.
    private static (Tensor Rows, Tensor Labels) Clouds(long rows, double radius)
    {
        using var generator = new RandomKey(7).Generator();
        var labels = arange(rows, dtype: int64).remainder(5);
        var angle = labels.to(float64) * (2 * Math.PI / 5);
        var corners = stack([angle.cos(), angle.sin()], 1) * radius;
        return (corners + randn([rows, 2], float64, generator: generator), labels);
    }

    private sealed class ReadRows(Tensor rows) : IRowSource
    {
        public long Count => rows.shape[0];

        public Tensor Read(Tensor which) => rows.index_select(0, which);
    }
}
