using TransferLearning.Adversarial;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>Penalties on features and scores of several sources.</summary>
public sealed class FeatureTermTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;

    public FeatureTermTests()
    {
        Toy.SeedModules(5);
        (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
    }

    [Fact]
    public void SourceAlignment_OfThreeSamples_IsTheMeanOfTheThreePairs()
    {
        var (a, b, c) = (Random(1, 20, 3), Random(2, 15, 3) + 1, Random(3, 10, 3) * 2);
        var gap = new EnergyDistance();

        var mean = SourceAlignment.Of(gap, [a, b, c]).item<double>();

        var pairs = new[] { gap.Between(a, b), gap.Between(a, c), gap.Between(b, c) };
        Assert.Equal(pairs.Average(pair => pair.item<double>()), mean, 1e-12);
        Assert.Throws<ArgumentOutOfRangeException>(() => SourceAlignment.Of(gap, [a]));
    }

    [Fact]
    public void SourceAlignment_OfWeighedSources_IsRefusedByName()
    {
        var weighed = Toy.Source(rows: 16).WithWeights(ones(16));

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            Recipes.SourceCoral(extractor, predictor).FitWithoutTarget([weighed, Toy.Source(rows: 16, seed: 7)])
        );

        Assert.Contains("SourceAlignment by MeanAndCovarianceGap", fault.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be weighed", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MeanAndCovarianceGap_OfTwoSamples_IsTheFormulaWrittenOut()
    {
        var (one, other) = (Random(1, 9, 2), (Random(2, 7, 2) * 2) + 1);
        (double[] Mean, double[,] Covariance) Moments(Tensor rows)
        {
            var count = (int)rows.shape[0];
            var x = rows.data<double>().ToNDArray() as double[,];
            double[] mean =
            [
                Enumerable.Range(0, count).Average(i => x![i, 0]),
                Enumerable.Range(0, count).Average(i => x![i, 1]),
            ];
            var covariance = new double[2, 2];
            for (var j = 0; j < 2; j++)
            {
                for (var k = 0; k < 2; k++)
                {
                    covariance[j, k] =
                        Enumerable.Range(0, count).Sum(i => (x![i, j] - mean[j]) * (x[i, k] - mean[k])) / (count - 1);
                }
            }
            return (mean, covariance);
        }
        var ((m, c), (n, d)) = (Moments(one), Moments(other));
        var expected = (Square(m[0] - n[0]) + Square(m[1] - n[1])) / 2;
        for (var j = 0; j < 2; j++)
        {
            for (var k = 0; k < 2; k++)
            {
                expected += Square(c[j, k] - d[j, k]) / 4;
            }
        }

        Assert.Equal(expected, new MeanAndCovarianceGap().Between(one, other).item<double>(), 1e-12);
        Assert.Equal(0, new MeanAndCovarianceGap().Between(one, one).item<double>(), 1e-12);
    }

    [Fact]
    public void SourceMmd_OfTheRecipe_IsDomainBedsSumOfSevenKernels()
    {
        var (a, b) = (Random(1, 6, 3) * 0.3, (Random(2, 5, 3) * 0.3) + 0.5);
        double Mean(Tensor x, Tensor y) =>
            Enumerable
                .Range(-3, 7)
                .Sum(power => (cdist(x, y).square() * -Math.Pow(10, power)).exp().mean().item<double>());

        using var identity = nn.Linear(3, 3, dtype: float64);
        using var two = nn.Linear(3, 2, dtype: float64);
        using (no_grad())
        {
            identity.weight!.copy_(eye(3, dtype: float64));
            identity.bias!.zero_();
        }
        var heard = new FirstObjectives();
        var expected = Mean(a, a) + Mean(b, b) - (2 * Mean(a, b));

        Recipes
            .SourceMmd(identity, two)
            .FitWithoutTarget(
                [
                    new LabeledDomain(a, arange(6, dtype: int64).remainder(2)),
                    new LabeledDomain(b, arange(5, dtype: int64).remainder(2)),
                ],
                new FitOptions
                {
                    Observers = [heard],
                    Training = new TrainingOptions { Steps = 1 },
                }
            )
            .Dispose();

        Assert.Equal(expected, heard.Values["SourceAlignment by MaximumMeanDiscrepancy"], 1e-9);
    }

    [Fact]
    public void SpectralDecoupling_OfScores_IsTheirWeighedMeanSquare()
    {
        var scores = tensor(
            new double[,]
            {
                { 1, 3 },
                { 2, 0 },
            }
        );

        Assert.Equal((1 + 9 + 4) / 4.0, SpectralDecoupling.Of(scores).item<double>(), 1e-12);
        Assert.Equal(
            (0.5 * 5 + 1.5 * 2) / 2,
            SpectralDecoupling.Of(scores, tensor(new[] { 0.5, 1.5 })).item<double>(),
            1e-12
        );
    }

    [Fact]
    public void InformationBottleneck_OfFeatures_IsTheMeanVarianceAndDoubledRowsAreWeightsOfTwo()
    {
        var rows = Random(1, 12, 3);

        Assert.Equal(rows.var(0).mean().item<double>(), InformationBottleneck.Of(rows).item<double>(), 1e-12);
        var shares = tensor(new double[] { 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 });
        var weighed = InformationBottleneck.Of(rows, shares).item<double>();
        var doubled = cat([rows.narrow(0, 0, 1), rows]);
        var biased = doubled.var(0, unbiased: false).mean().item<double>();
        Assert.Equal(biased / (1 - (15.0 / 169)), weighed, 1e-12); // divided by 1 - sum of squared shares
        Assert.Throws<ArgumentException>(() => InformationBottleneck.Of(rows.narrow(0, 0, 1)));
    }

    [Fact]
    public void SourceAdversary_OfTwoSources_IsTheCrossEntropyOfTheirNumbersAndReversesTheExtractorsGradient()
    {
        using var critic = new ModulePart(() => nn.Linear(8, 2));
        var step = Toy.Step(extractor, predictor, sources: 2);

        var loss = new SourceAdversary(critic, 0.5).Evaluate(step);
        var plain = CrossEntropy.Of(
            critic.Predict(cat([.. step.Sources.Select(batch => extractor.Extract(batch.Inputs))])),
            cat([zeros(8, int64), ones(8, int64)])
        );

        Assert.Equal(plain.item<float>(), loss.item<float>(), 1e-6);
        var parameter = extractor.Module.parameters().First();
        var weight = critic.Module.parameters().First();
        var (reversed, forward) = (
            autograd.grad([loss], [parameter, weight]),
            autograd.grad([plain], [parameter, weight])
        );
        Assert.True(reversed[0].allclose(forward[0] * -0.5, 1e-4, 1e-7));
        Assert.True(reversed[1].allclose(forward[1], 1e-4, 1e-7));
    }

    [Fact]
    public void SourceAdversary_Conditional_ReadsTheLabelAndWeighsClassesAlike()
    {
        using var critic = new ModulePart(() => nn.Linear(10, 2));
        var step = Toy.Step(extractor, predictor, sources: 2);

        var loss = new SourceAdversary(critic, 1) { IsConditional = true }.Evaluate(step);

        var balance = SourceAdversary.Balance(
            tensor(
                new double[,]
                {
                    { 1, 0 },
                    { 1, 0 },
                    { 1, 0 },
                    { 0, 1 },
                }
            )
        );
        Assert.True(float.IsFinite(loss.item<float>()));
        Assert.True(balance.allclose(tensor(new[] { 2.0 / 3, 2.0 / 3, 2.0 / 3, 2 }), 1e-12, 1e-12));
        using var narrow = new ModulePart(() => nn.Linear(8, 3));
        Assert.Throws<ArgumentException>(() => new SourceAdversary(narrow).Evaluate(step));
    }

    [Fact]
    public void SourceDann_OfSourcesApart_BringsThemTogether()
    {
        LabeledDomain Moved(long seed, double by)
        {
            var (inputs, labels) = Toy.Clouds(256, seed);
            return new LabeledDomain(inputs + tensor(new[] { 0f, 0, (float)by, 0 }), labels);
        }
        double Gap(Func<ModulePart, ModulePart, AdaptationBuilder> chain)
        {
            Toy.SeedModules(3);
            using var one = Toy.Extractor();
            using var two = Toy.Predictor();
            var sources = new[] { Moved(1, 0), Moved(2, 2) };
            using var model = chain(one, two)
                .FitWithoutTarget(
                    sources,
                    new FitOptions
                    {
                        Training = new TrainingOptions { Steps = 300, BatchSize = 64 },
                    }
                );
            using var a = model.Features(sources[0].Inputs);
            using var b = model.Features(sources[1].Inputs);
            // Relative to the features' spread, because a penalty could shrink all of them.
            return (a.mean([0L]) - b.mean([0L])).norm().item<float>() / cat([a, b]).std(0).norm().item<float>();
        }
        using var critic = new ModulePart(() => nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2)));

        var erm = Gap((one, two) => Recipes.Erm(one, two));

        Assert.True(Gap((one, two) => Recipes.SourceDann(one, two, critic)) < 0.7 * erm);
        Assert.True(Gap((one, two) => Recipes.SourceCoral(one, two)) < 0.7 * erm);
        Assert.True(Gap((one, two) => Recipes.SourceMmd(one, two)) < 0.7 * erm);
    }

    public void Dispose()
    {
        extractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
    }

    private static double Square(double x) => x * x;

    private static Tensor Random(long seed, long rows, long width)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, width], dtype: float64, generator: generator);
    }

    private sealed class FirstObjectives : ITrainingObserver
    {
        public Dictionary<string, double> Values { get; } = new(StringComparer.Ordinal);

        public void OnStep(StepReport report)
        {
            foreach (var (name, value) in report.Objectives)
            {
                Values.TryAdd(name, value);
            }
        }
    }
}
