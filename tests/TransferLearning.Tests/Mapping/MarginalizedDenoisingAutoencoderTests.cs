using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

public sealed class MarginalizedDenoisingAutoencoderTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Fit_TwoLayers_AreTheRegressionsOnEveryWayToStrike()
    {
        var (source, target) = (Waves.Source().Inputs, Waves.Target());
        var map = new MarginalizedDenoisingAutoencoder
        {
            Corruption = 0.3,
            Layers = 2,
            Ridge = 1e-12,
            PenaltyScale = PenaltyScale.Absolute,
        }.Fit(source, target);

        var first = map.Extract(source)[0];
        var last = map.Extract(target)[8];

        // NumPy: weighted least squares over all 16 ways to strike the four features of every row, layer by layer.
        double[] expected =
        [
            0.8431686665,
            0.6512138645,
            -0.0857959374,
            -0.7570727345,
            0.6938243647,
            0.6352840477,
            0.0594542636,
            -0.675868768,
        ];
        Assert.True(first.narrow(0, 4, 8).allclose(tensor(expected, dtype: float64), 1e-7, 1e-8));
        double[] deepest = [0.7213923685, 0.0358839697, 0.7460948751, 0.3226416472];
        Assert.True(last.narrow(0, 8, 4).allclose(tensor(deepest, dtype: float64), 1e-7, 1e-8));
        Assert.True(first.narrow(0, 0, 4).equal(source[0]).all().item<bool>());
    }

    [Fact]
    public void Fit_AFeatureOfOneDomain_IsRebuiltFromWhatGoesWithIt()
    {
        // Features 0 and 1 are alike in the source; the target lacks feature 1.
        var source = Waves.Source().Inputs.narrow(1, 0, 3).clone();
        source.select(1, 1).copy_(source.select(1, 0));
        var target = Waves.Target().narrow(1, 0, 3).clone();
        target.select(1, 1).fill_(0);

        var rebuilt = new MarginalizedDenoisingAutoencoder().Fit(source, target).Extract(target).select(1, 4);

        var (own, made) = (target.select(1, 0), rebuilt);
        var correlation =
            ((own - own.mean()) * (made - made.mean())).mean() / (own.std(unbiased: false) * made.std(unbiased: false));
        Assert.True(correlation.item<double>() > 0.9, $"{correlation.item<double>()}");
    }

    [LongFact]
    public void Fit_ReviewsOfOtherGoods_GainsOnTheSourceAlone()
    {
        var (alone, mapped) = (new List<double>(), new List<double>());
        foreach (var (from, to) in Reviews.Pairs)
        {
            alone.Add(Reviews.Accuracy(from, to, new AdaptationBuilder()));
            mapped.Add(Reviews.Accuracy(from, to, new AdaptationBuilder().Map(new MarginalizedDenoisingAutoencoder())));
            output.WriteLine($"{from} to {to}: {alone[^1]:F2}, {mapped[^1]:F2}");
        }
        output.WriteLine($"means {alone.Average():F2}, {mapped.Average():F2}");
        Assert.True(mapped.Average() > alone.Average() + 1, $"{mapped.Average():F2} against {alone.Average():F2}");
    }

    [Theory]
    [InlineData(1.0, 1, "Corruption")]
    [InlineData(double.NaN, 1, "Corruption")]
    [InlineData(0.5, 0, "Layers")]
    public void Fit_BadSettings_NamesThem(double corruption, int layers, string name)
    {
        var fault = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new MarginalizedDenoisingAutoencoder { Corruption = corruption, Layers = layers }.Fit(
                Waves.Source().Inputs,
                Waves.Target()
            )
        );
        Assert.Equal(name, fault.ParamName);
    }

    public void Dispose() => scope.Dispose();
}
