using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class SpectralFeatureAlignmentTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Fit_WavyRows_GivesTheFeaturesOfTheBipartiteGraph()
    {
        var (source, target) = (PositiveWaves(40, 0.7, 0.3), PositiveWaves(30, 0.9, 0.1));
        using var map = new SpectralFeatureAlignment
        {
            SharedFeatures = 3,
            MinRows = 15,
            Components = 2,
            Scale = 2,
        }.Fit(source, target);

        var (first, second) = (map.Structure.Extract(source), map.Structure.Extract(target));
        double Product(Tensor left, Tensor right) => left.dot(right).ToDouble();

        // NumPy: information feature by feature, counts row by row, eigenvectors of the whole 8 x 8 graph.
        Assert.Equal([6L, 0, 2], map.Pivots.data<long>().ToArray());
        Assert.Equal(10.1598512365, Product(first[0], first[0]), 1e-7);
        Assert.Equal(-11.9727093762, Product(first[0], first[1]), 1e-7);
        Assert.Equal(7.2830594230, Product(first[0], second[0]), 1e-7);
        Assert.Equal(3.4528818631, Product(second[0], second[1]), 1e-7);
    }

    [Fact]
    public void Fit_AnyRows_KeepsTheFeaturesAndGivesTheNewOnesTheirLength()
    {
        var (source, target) = (PositiveWaves(40, 0.7, 0.3), PositiveWaves(30, 0.9, 0.1));
        using var map = new SpectralFeatureAlignment { SharedFeatures = 3, Scale = 0.5 }.Fit(source, target);

        var rows = cat([source, target]);
        var mapped = map.Extract(rows);
        var added = mapped.narrow(1, 8, 3);

        Assert.True(mapped.narrow(1, 0, 8).equal(rows).all().item<bool>());
        Assert.True(added.mean([0L]).abs().max().item<double>() < 1e-12);
        Assert.Equal(0.25, (added.square().sum(1).mean() / rows.square().sum(1).mean()).item<double>(), 1e-9);
    }

    [Fact]
    public void Fit_WordsOfOneDomain_JoinTheGroupsOfTheSharedOnes()
    {
        // Words 0 and 1 are shared; 2 goes with 0 and 3 with 1 in the source, 4 with 0 and 5 with 1 in the target.
        static Tensor Texts(long own) =>
            tensor(
                    Enumerable
                        .Range(0, 40)
                        .SelectMany(row =>
                            Enumerable.Range(0, 6).Select(word => word == row % 2 || word == own + (row % 2) ? 1.0 : 0)
                        )
                        .ToArray()
                )
                .reshape(40, 6);
        using var map = new SpectralFeatureAlignment { SharedFeatures = 2, Components = 2 }.Fit(Texts(2), Texts(4));

        var groups = map.Structure.Matrix;
        Assert.True(groups[2].allclose(groups[4], 1e-9, 1e-9));
        Assert.True(groups[3].allclose(groups[5], 1e-9, 1e-9));
        Assert.False(groups[2].allclose(groups[3], 1e-2, 1e-2));
    }

    [LongFact]
    public void Fit_ReviewsOfOtherGoods_GainsOnTheSourceAlone()
    {
        var (alone, mapped) = (new List<double>(), new List<double>());
        foreach (var (from, to) in Reviews.Pairs)
        {
            alone.Add(Reviews.Accuracy(from, to, new AdaptationBuilder()));
            mapped.Add(Reviews.Accuracy(from, to, new AdaptationBuilder().Map(new SpectralFeatureAlignment())));
            output.WriteLine($"{from} to {to}: {alone[^1]:F2}, {mapped[^1]:F2}");
        }
        output.WriteLine($"means {alone.Average():F2}, {mapped.Average():F2}");
        Assert.True(mapped.Average() > alone.Average() + 1, $"{mapped.Average():F2} against {alone.Average():F2}");
    }

    [Theory]
    [InlineData(5, 2, 1.0, "SharedFeatures")]
    [InlineData(3, 4, 1.0, "Components")]
    [InlineData(3, 2, 0.0, "Scale")]
    public void Fit_BadSettings_NamesThem(int shared, int components, double scale, string name)
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new SpectralFeatureAlignment
            {
                SharedFeatures = shared,
                Components = components,
                Scale = scale,
            }.Fit(PositiveWaves(40, 0.7, 0.3), PositiveWaves(30, 0.9, 0.1))
        );
        Assert.Equal(name, fault.ParamName);
    }

    // A fifth of 8 features, one, is shared.
    [Fact]
    public void Fit_MoreComponentsThanTheDefaultShares_NamesThem()
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new SpectralFeatureAlignment { Components = 2 }.Fit(
                PositiveWaves(40, 0.7, 0.3),
                PositiveWaves(30, 0.9, 0.1)
            )
        );
        Assert.Equal("Components", fault.ParamName);
    }

    public void Dispose() => scope.Dispose();

    private static Tensor PositiveWaves(long rows, double slope, double shift)
    {
        var i = arange(rows, dtype: float64).unsqueeze(1);
        var j = arange(8, dtype: float64);
        return (((i + 1) * (j + 2) * slope) + (j * shift)).sin().clamp_min(0);
    }
}
