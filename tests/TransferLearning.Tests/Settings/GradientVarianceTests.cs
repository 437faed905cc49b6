using TransferLearning.Objectives;
using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>Fishr, against gradients that are taken row by row.</summary>
public sealed class GradientVarianceTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_ALinearClassifier_IsTheVarianceOfTheGradientsOfSingleRows()
    {
        Toy.SeedModules(1);
        using var linear = nn.Linear(3, 4, dtype: float64);
        var (features, labels) = (Random(1, 7, 3), tensor(new long[] { 0, 1, 2, 3, 0, 0, 1 }));
        var weights = Random(2, 7, 1).abs().squeeze(1);
        var gradients = Enumerable
            .Range(0, 7)
            .Select(i =>
            {
                var row = tensor(new long[] { i });
                var loss = CrossEntropy.Of(
                    linear.call(features.index_select(0, row)),
                    labels.index_select(0, row),
                    weights.index_select(0, row)
                );
                var both = autograd.grad([loss], [linear.weight, linear.bias!]);
                return cat([both[0].reshape(-1), both[1]]);
            });
        var expected = stack([.. gradients]).var(0, unbiased: false);

        var variances = GradientVariance.Of(features, linear.call(features), labels, weights);

        Assert.True(variances.allclose(expected, 1e-9, 1e-12));
    }

    [Fact]
    public void Evaluate_ALinearClassifierWithoutIntercept_TakesTheWeightsVariancesAlone()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = new ModulePart(() => nn.Linear(8, 2, hasBias: false));
        var step = Toy.Step(extractor, predictor, sources: 2);
        // 16 numbers of the weight stand before 2 of an intercept.
        var ofWeight = step.Sources.Select(batch =>
            GradientVariance.Of(step.Features(batch), step.Scores(batch), batch.Labels).narrow(0, 0, 16)
        );
        var expected = GradientVariance.Distance(stack([.. ofWeight])).item<float>();

        var value = new GradientVariance { Momentum = 0 }.Evaluate(step);

        Assert.True(expected > 0);
        Assert.Equal(expected, value.item<float>(), 1e-9f);
    }

    [Fact]
    public void Of_LargeFeaturesInSinglePrecision_KeepsTheVariances()
    {
        var labels = tensor(new long[] { 0, 1, 0, 1, 0, 1, 0, 1 });
        var (features, scores) = (Random(3, 8, 2) + 1e4, Random(4, 8, 2) * 1e-3);

        var exact = GradientVariance.Of(features, scores, labels);
        var single = GradientVariance.Of(features.to(float32), scores.to(float32), labels);

        Assert.True(single.to(float64).allclose(exact, 1e-3, 1e-3));
        Assert.True(single.ge(0).all().item<bool>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fit_WhileTheWeightIsZero_LeavesBatchStatisticsAsWithoutIt(bool isGroups)
    {
        byte[] Trained(IObjective? term)
        {
            Toy.SeedModules(9);
            using var extractor = Toy.Extractor(dropout: 0.2, hasNormalization: true);
            using var predictor = Toy.Predictor();
            new AdaptationBuilder()
                .Train(
                    extractor,
                    predictor,
                    net =>
                    {
                        net.Minimize(new CrossEntropy());
                        if (term is not null)
                        {
                            net.Minimize(term, Schedule.From(0.9, 1));
                        }
                    }
                )
                .FitWithoutTarget(
                    SourceRuns.Two(),
                    new FitOptions
                    {
                        Training = new TrainingOptions { Steps = 4, BatchSize = 16 },
                    }
                )
                .Dispose();
            return Toy.Bits(extractor, predictor);
        }

        Assert.Equal(Trained(null), Trained(isGroups ? new GroupRobustness() : new GradientVariance()));
    }

    [Fact]
    public void Distance_OfSomeVectors_IsTheMeanSquareOfTheirNumbersFromTheirMean()
    {
        var vectors = tensor(
            new double[,]
            {
                { 0, 2 },
                { 4, 2 },
            }
        );

        Assert.Equal(2, GradientVariance.Distance(vectors).item<double>(), 1e-12);
        Assert.Equal(0, GradientVariance.Distance(vectors.narrow(0, 0, 1)).item<double>());
    }

    [Fact]
    public void Evaluate_OverTwoSteps_FollowsTheVariancesAndKeepsTheGradientsSize()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var term = new GradientVariance { Momentum = 0.75 };
        var plain = new GradientVariance { Momentum = 0 };
        var step = Toy.Step(extractor, predictor, sources: 2);

        // From 0 on, the first average is the batch's variance times 1 - momentum, which is divided by it again.
        var first = term.Evaluate(step).item<float>();
        term.OnStepped(null!, step);
        var again = term.Evaluate(Toy.Step(extractor, predictor, sources: 2)).item<float>();

        Assert.Equal(plain.Evaluate(step).item<float>(), first, 1e-9);
        Assert.Equal(first * 1.75 * 1.75, again, 1e-6); // 0.75 (1/4 v) + 1/4 v, divided by 1/4
        term.OnEnd();
    }

    [Fact]
    public void GradientVariance_StoppedAndResumed_EndsWithTheSameBits()
    {
        var (whole, resumed) = SourceRuns.StoppedAndResumed(net =>
            net.Minimize(new CrossEntropy()).Minimize(new GradientVariance(), 100)
        );
        Assert.Equal(whole, resumed);
    }

    [Fact]
    public void GradientVariance_OfAPredictorOfTwoLayers_IsRefused()
    {
        using var extractor = Toy.Extractor();
        using var deep = new ModulePart(() => nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2)));

        var fault = Assert.Throws<InvalidAdaptationException>(() =>
            Recipes.Fishr(extractor, deep).FitWithoutTarget(SourceRuns.Two())
        );

        Assert.Contains("let the predictor be nn.Linear", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Random(long seed, long rows, long width)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, width], dtype: float64, generator: generator);
    }
}
