using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Clouds of different widths, laid on each other by their shapes.</summary>
public sealed class LinearGromovWassersteinMapTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // NumPy: eigenvectors of both covariances, signs by third moments.
    [Fact]
    public void Fit_ToFewerFeatures_MapsAsAnIndependentComputationDoes()
    {
        using var map = new LinearGromovWassersteinMap { Ridge = 1e-14 }.Fit(Wide(), Narrow());

        Near(
            map.Extract(Wide().narrow(0, 0, 2)),
            new[,]
            {
                { 1.645195768732, -0.454087281745 },
                { 4.530265669266, 0.830865220549 },
            }
        );
    }

    [Fact]
    public void Fit_ToMoreFeatures_MapsAsAnIndependentComputationDoes()
    {
        using var map = new LinearGromovWassersteinMap { Ridge = 1e-14 }.Fit(Narrow(), Wide());

        Near(
            map.Extract(Narrow().narrow(0, 0, 2)),
            new[,]
            {
                { 1.077333219346, -0.078487952518, -0.2815620054 },
                { 0.564746117384, 0.348905173317, -0.222860818636 },
            }
        );
    }

    [Fact]
    public void Fit_OfTurnedMirroredAndWidenedRows_FindsThemAgain()
    {
        var (turn, _) = linalg.qr(
            FormulaRows.Column(5, 1).add(FormulaRows.Column(5, 1.7).t()).sin().add(eye(5, dtype: float64))
        );
        var target = Wide().matmul(turn.narrow(0, 0, 3)) + 7;

        using var map = new LinearGromovWassersteinMap { Ridge = 1e-14 }.Fit(Wide(), target);

        Assert.True(map.Extract(Wide()).allclose(target, 1e-8, 1e-8));
    }

    [Fact]
    public void Fit_ToFewerFeatures_GivesTheTargetsMeanAndCovariance()
    {
        using var map = new LinearGromovWassersteinMap().Fit(Wide(), Narrow());
        var mapped = map.Extract(Wide());

        static Tensor Covariance(Tensor rows)
        {
            var centered = rows - rows.mean([0L]);
            return centered.t().matmul(centered) / rows.shape[0];
        }
        Assert.True(mapped.mean([0L]).allclose(Narrow().mean([0L]), 1e-9, 1e-9));
        Assert.True(Covariance(mapped).allclose(Covariance(Narrow()), 1e-6, 1e-6));
    }

    [Fact]
    public void Fit_OfRowsThatAreAllAlike_LaysThemOnTheTargetsMean()
    {
        using var map = new LinearGromovWassersteinMap().Fit(ones(5, 2, dtype: float64), Narrow());

        Assert.True(map.Extract(ones(5, 2, dtype: float64)).allclose(Narrow().mean([0L]), 1e-8, 1e-8));
    }

    [Fact]
    public void Fit_OfFaultyInput_NamesTheArgument()
    {
        var map = new LinearGromovWassersteinMap();
        Assert.Equal("target", Assert.Throws<ArgumentException>(() => map.Fit(Wide(), Narrow().to(float32))).ParamName);
        Assert.Equal(
            "source",
            Assert.Throws<ArgumentException>(() => map.Fit(Wide().narrow(0, 0, 1), Narrow())).ParamName
        );
        Assert.Equal(
            "Ridge",
            Assert
                .Throws<ArgumentOutOfRangeException>(() =>
                    new LinearGromovWassersteinMap { Ridge = 0 }.Fit(Wide(), Narrow())
                )
                .ParamName
        );
    }

    // MNIST's 256 pixels to ten turned axes of USPS: no feature is common, no distance can be taken across. The largest
    // class has 19.6 %; NumPy and scikit-learn, five neighbors: 33.
    [LongFact]
    public void Map_FromPixelsToTurnedAxesOfOtherDigits_ReadsMoreThanTheLargestClass()
    {
        var path = SharedData.File("digits", "mnist2000_usps1800_16x16.npz");
        Tensor Unit(string name)
        {
            var rows = NumpyBytes.Read(path, name).to(float64);
            return rows / rows.norm(1, keepdim: true);
        }
        var usps = Unit("usps_x");
        var (_, axes) = linalg.eigh((usps - usps.mean([0L])).t().matmul(usps - usps.mean([0L])));
        var (turn, _) = linalg.qr(
            FormulaRows.Column(10, 1).add(FormulaRows.Column(10, 1.7).t()).sin().add(eye(10, dtype: float64))
        );
        var target = (usps - usps.mean([0L])).matmul(axes.narrow(1, 246, 10)).matmul(turn);
        var labels = NumpyBytes.Read(path, "usps_y");

        using var map = new LinearGromovWassersteinMap().Fit(Unit("mnist_x"), target);
        var moved = map.Extract(Unit("mnist_x"));
        using var rule = (IDisposable)
            new NearestNeighbor(5).Fit(new LabeledDomain(moved, NumpyBytes.Read(path, "mnist_y")));

        var read = ((ILabelPredictor)rule).Predict(target).argmax(1).eq(labels).to(float64).mean().item<double>();
        var largest = nn.functional.one_hot(labels).to(float64).mean([0L]).max().item<double>();
        output.WriteLine($"{100 * largest:F1}: {100 * read:F1}");
        Assert.True(read > largest + 0.06, $"{read} beside {largest}");
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Wide()
    {
        var waves = FormulaRows.Source();
        var f = FormulaRows.Features();
        return waves.pow(3) + (waves.square() * (f + 1) * 0.2) + ((FormulaRows.Column(14, 0.5) * (f + 1)).cos() * 0.3);
    }

    private static Tensor Narrow() =>
        ((FormulaRows.Column(11, 0.7) + (arange(2, dtype: float64) * 1.7)).cos() * 1.5).exp();

    private static void Near(Tensor images, double[,] expected)
    {
        var missed = (images - tensor(expected)).abs().max().item<double>();
        Assert.True(missed < 1e-9, $"missed by {missed}");
    }
}
