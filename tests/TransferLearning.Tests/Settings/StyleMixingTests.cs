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

    // MixStyle's programs detach the partner's moments, EFDMix's not the partner's sorted numbers.
    [Theory]
    [InlineData(StyleStatistics.Moments, 0.0)]
    [InlineData(StyleStatistics.Distribution, 0.5)]
    public void Of_Gradient_ReachesThePartnersNumbersInEfdMixAlone(StyleStatistics statistics, double ofPartner)
    {
        var rows = Random(3, 2, 1, 6).requires_grad_();
        var (partners, shares) = (tensor(new long[] { 1, 0 }), tensor(new[] { 0.5, 0.5 }));

        var gradient = autograd.grad([StyleMixing.Of(rows, partners, shares, statistics)[0].sum()], [rows])[0];

        Assert.True((gradient[1] - ofPartner).abs().max().item<double>() < 1e-12);
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
    public void Evaluate_TwoLayers_MixWhateverTheOtherOneDoes()
    {
        Toy.SeedModules(2);
        var (first, second) = (nn.Conv1d(1, 2, 1), nn.Conv1d(2, 2, 1));
        var (behindFirst, behindSecond) = (nn.Identity(), nn.Identity());
        using var extractor = new ModulePart(() =>
            nn.Sequential(
                nn.Unflatten(1, [1, 4]),
                first,
                behindFirst,
                second,
                behindSecond,
                nn.Flatten(),
                nn.Linear(8, 8)
            )
        );
        using var predictor = Toy.Predictor();
        var step = Toy.Step(extractor, predictor, sources: 2);
        var made = new Tensor?[2];
        var mixes = new bool[2];
        void Watch(nn.Module<Tensor, Tensor> layer, nn.Module<Tensor, Tensor> behind, int place)
        {
            layer.register_forward_hook(
                (_, _, output) =>
                {
                    made[place] = output;
                    return output;
                }
            );
            behind.register_forward_pre_hook(
                (_, input) =>
                {
                    mixes[place] = !ReferenceEquals(input, made[place]);
                    return input;
                }
            );
        }
        Watch(first, behindFirst, 0);
        Watch(second, behindSecond, 1);
        var term = new StyleMixing(first, second);
        var seen = new HashSet<(bool, bool)>();

        for (var i = 0; i < 40; i++)
        {
            Array.Clear(mixes);
            term.Evaluate(step);
            seen.Add((mixes[0], mixes[1]));
        }

        Assert.Equal(4, seen.Count);
    }

    [Fact]
    public void PartnersOf_OtherDomain_AreRowsOfAnotherBatch()
    {
        long[] Partners(StylePartners partners, long seed, params long[] counts) =>
            StyleMixing.PartnersOf(counts, partners, new RandomKey(seed)).data<long>().ToArray();
        int[] batchOf = [0, 0, 0, 1, 1, 1, 2, 2];
        for (var seed = 0; seed < 20; seed++)
        {
            var partners = Partners(StylePartners.OtherDomain, seed, 3, 3, 2);
            Assert.All(batchOf.Zip(partners), pair => Assert.NotEqual(pair.First, batchOf[pair.Second]));
        }

        // Two batches of one size: halves that are shuffled and swapped, as in the authors' programs.
        var swapped = Partners(StylePartners.OtherDomain, 3, 4, 4);
        Assert.Equal([4L, 5, 6, 7], swapped.Take(4).Order());
        Assert.Equal([0L, 1, 2, 3], swapped.Skip(4).Order());
        Assert.Equal([0L, 1, 2, 3, 4], Partners(StylePartners.OtherDomain, 3, 5).Order());
        Assert.Equal([0L, 1, 2, 3, 4, 5], Partners(StylePartners.AnyRow, 3, 3, 3).Order());
        Assert.Contains(
            true,
            Enumerable.Range(0, 20).Select(seed => Partners(StylePartners.AnyRow, seed, 3, 3)[0] < 3)
        );
    }

    [Fact]
    public void Evaluate_LayerThatIsPassedTwice_HidesNoLayerElsewhere()
    {
        Toy.SeedModules(2);
        var (twice, elsewhere) = (nn.Conv1d(1, 1, 1), nn.Conv1d(1, 2, 1));
        using var extractor = new ModulePart(() =>
            nn.Sequential(nn.Unflatten(1, [1, 4]), new Twice(twice), nn.Flatten(), nn.Linear(4, 8))
        );
        using var predictor = Toy.Predictor();
        var step = Toy.Step(extractor, predictor, sources: 2);

        var refused = Assert.Throws<ArgumentException>(() =>
            new StyleMixing(twice, elsewhere) { Probability = 1 }.Evaluate(step)
        );

        Assert.Contains("1 of the 2 layers took no part", refused.Message, StringComparison.Ordinal);
        Assert.True(
            new StyleMixing(twice) { Probability = 1 }
                .Evaluate(step)
                .isfinite()
                .item<bool>()
        );
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

    private sealed class Twice : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> layer;

        public Twice(nn.Module<Tensor, Tensor> layer)
            : base(nameof(Twice))
        {
            this.layer = layer;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => layer.call(layer.call(input));
    }
}
