using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Objectives;

public sealed class CrossEntropyTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_WeightsOfPlaces_AreRefused()
    {
        var (maps, labels) = (zeros([3, 4, 3, 3], float64), zeros([3, 3, 3], int64));

        Assert.Throws<ArgumentException>("weights", () => CrossEntropy.Of(maps, labels, ones([3, 3, 3], float64)));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 0.2)]
    [InlineData(true, 0)]
    [InlineData(true, 0.2)]
    public void PerRow_OfMaps_IsTheMeanOverEachRowsPlaces(bool isSoft, double smoothing)
    {
        using var generator = new RandomKey(4).Generator();
        var maps = randn([3, 4, 5, 2], dtype: float64, generator: generator);
        var numbers = randint(0, 4, [3, 5, 2], dtype: int64, generator: generator);
        var soft = randn([3, 4, 5, 2], dtype: float64, generator: generator).softmax(1);

        var rows = CrossEntropy.PerRow(maps, isSoft ? soft : numbers, smoothing);

        Assert.Equal([3], rows.shape);
        for (var i = 0; i < 3; i++)
        {
            var places = maps[i].flatten(1).t();
            var labels = isSoft ? soft[i].flatten(1).t() : numbers[i].flatten();
            Assert.Equal(
                CrossEntropy.Of(places, labels, labelSmoothing: smoothing).item<double>(),
                rows[i].item<double>(),
                1e-12
            );
        }
        var weights = tensor(new double[] { 0, 1, 2 });
        Assert.Equal(
            (rows[1] + (2 * rows[2])).item<double>() / 3,
            CrossEntropy.Of(maps, isSoft ? soft : numbers, weights, smoothing).item<double>(),
            1e-12
        );
    }

    [Fact]
    public void PerRow_OfMapsWithOtherPlaces_SaysWhatItExpects()
    {
        var fault = Assert.Throws<ArgumentException>(() =>
            CrossEntropy.PerRow(zeros(3, 4, 5, 2), zeros(3, 2, 5, dtype: int64))
        );

        Assert.Equal("labels", fault.ParamName);
        Assert.Contains("[3, 5, 2]", fault.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => CrossEntropy.PerRow(zeros(3, 4, 5), zeros(3, 5, dtype: int64)));
    }

    public void Dispose() => scope.Dispose();
}
