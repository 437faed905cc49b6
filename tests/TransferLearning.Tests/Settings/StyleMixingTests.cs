using TransferLearning.Objectives;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>MixStyle and EFDMix.</summary>
public sealed class StyleMixingTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_Moments_GivesTheMixedMeanAndDeviationAndKeepsTheOrderOfPlaces()
    {
        var (rows, partners, shares) = (Random(1, 2, 3, 50), tensor(new long[] { 1, 0 }), tensor(new[] { 0.25, 1 }));

        var mixed = StyleMixing.Of(rows, partners, shares);

        Assert.True(mixed[1].allclose(rows[1], 1e-9, 1e-12));
        var (own, other) = (rows[0], rows[1]);
        Assert.True(mixed[0].mean([1L]).allclose((own.mean([1L]) * 0.25) + (other.mean([1L]) * 0.75), 1e-9, 1e-9));
        // 1e-6 beside variances of about 1.
        Assert.True(mixed[0].std(1).allclose((own.std(1) * 0.25) + (other.std(1) * 0.75), 1e-5, 1e-6));
        Assert.True(mixed[0].argsort(1).equal(own.argsort(1)).all().item<bool>());
    }

    [Fact]
    public void Of_Distribution_GivesTheMixtureOfTheSortedNumbers()
    {
        var (rows, partners, shares) = (Random(2, 2, 2, 30), tensor(new long[] { 1, 0 }), tensor(new[] { 0.25, 1 }));

        var mixed = StyleMixing.Of(rows, partners, shares, StyleStatistics.Distribution);

        var (sorted, other) = (rows[0].sort(1).Values, rows[1].sort(1).Values);
        Assert.True(mixed[0].sort(1).Values.allclose((sorted * 0.25) + (other * 0.75), 1e-12, 1e-12));
        Assert.True(mixed[0].argsort(1).equal(rows[0].argsort(1)).all().item<bool>());
        Assert.True(mixed[1].allclose(rows[1], 1e-12, 1e-12));
    }

    [Theory]
    [InlineData(StyleStatistics.Moments)]
    [InlineData(StyleStatistics.Distribution)]
    public void Of_Gradient_TakesStylesAsConstants(StyleStatistics statistics)
    {
        var rows = Random(3, 2, 1, 6).requires_grad_();
        var (partners, shares) = (tensor(new long[] { 1, 0 }), tensor(new[] { 0.5, 0.5 }));

        var gradient = autograd.grad([StyleMixing.Of(rows, partners, shares, statistics)[0].sum()], [rows])[0];

        Assert.Equal(0, gradient[1].abs().sum().item<double>());
        var spread = rows.detach().std(2) + 0;
        var expected =
            statistics == StyleStatistics.Distribution
                ? 1
                : ((spread[0, 0] + spread[1, 0]) / 2 / spread[0, 0]).item<double>();
        Assert.True((gradient[0] - expected).abs().max().item<double>() < 1e-5);
    }

    [Fact]
    public void Evaluate_WithoutMixing_IsTheCrossEntropyAndWithItChangesWhatTheLayerGives()
    {
        Toy.SeedModules(2);
        using var layer = nn.Conv1d(1, 2, 1);
        using var extractor = new ModulePart(() =>
            nn.Sequential(nn.Unflatten(1, [1, 4]), layer, nn.Flatten(), nn.Linear(8, 8))
        );
        using var predictor = Toy.Predictor();
        var step = Toy.Step(extractor, predictor, sources: 2);
        var plain = new CrossEntropy().Evaluate(step).item<float>();

        var never = new StyleMixing(layer) { Probability = 0 }
            .Evaluate(step)
            .item<float>();
        var always = new StyleMixing(layer) { Probability = 1, Alpha = 1 }.Evaluate(step);

        Assert.Equal(plain, never, 1e-6);
        Assert.NotEqual(plain, always.item<float>(), 1e-6);
        Assert.True(autograd.grad([always], [layer.weight])[0].abs().sum().item<float>() > 0);
        Assert.Equal(plain, new CrossEntropy().Evaluate(step).item<float>()); // the hooks are gone
    }

    [Fact]
    public void StyleMixing_OfWrongLayers_SaysWhichOnesToGive()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var elsewhere = nn.Conv1d(1, 2, 1);
        string Refused(AdaptationBuilder chain) =>
            Assert
                .Throws<InvalidAdaptationException>(() =>
                    chain.FitWithoutTarget(
                        SourceRuns.Two(),
                        new FitOptions
                        {
                            Training = new TrainingOptions { Steps = 2, BatchSize = 8 },
                        }
                    )
                )
                .Message;
        AdaptationBuilder Of(StyleMixing term) =>
            new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(term));

        Assert.Contains("no layer to mix at", Refused(Of(new StyleMixing())), StringComparison.Ordinal);
        Assert.Contains(
            "took no part",
            Refused(Of(new StyleMixing(elsewhere) { Probability = 1 })),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "channels over places",
            Refused(Of(new StyleMixing((nn.Module<Tensor, Tensor>)extractor.Module) { Probability = 1 })),
            StringComparison.Ordinal
        );
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Random(long seed, params long[] shape)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn(shape, dtype: float64, generator: generator);
    }
}
