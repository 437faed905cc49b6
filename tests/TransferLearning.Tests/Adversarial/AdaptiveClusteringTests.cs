using TransferLearning.Adversarial;
using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class AdaptiveClusteringTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Alike_Rows_HaveTheSameLargestFeaturesInAnyOrder()
    {
        var features = tensor(
            new double[,]
            {
                { 5, 4, 0, 1 },
                { 1, 3, 0, -2 },
                { 5, 0, 4, 1 },
            }
        );

        var two = AdaptiveClustering.Alike(features, 2);
        var more = AdaptiveClustering.Alike(features, 9);

        Assert.Equal([1, 1, 0, 1, 1, 0, 0, 0, 1], two.data<double>().ToArray());
        Assert.Equal(9, more.sum().item<double>()); // all features are compared
    }

    [Fact]
    public void Of_Logits_IsMinusTheCrossEntropyOfPairs()
    {
        var scores = tensor(
            new double[,]
            {
                { 1, 0 },
                { 0, 2 },
            }
        );
        var further = tensor(
            new double[,]
            {
                { 3, 0 },
                { 0, 1 },
            }
        );

        var value = AdaptiveClustering.Of(scores, further, eye(2, dtype: float64)).item<double>();

        static double P(double z) => 1 / (1 + Math.Exp(-z));
        double Both(double a, double b) => (P(a) * P(b)) + ((1 - P(a)) * (1 - P(b)));
        var expected =
            Math.Log(Both(1, 3) + 1e-7)
            + Math.Log(1 - Both(1, -1) + 1e-7)
            + Math.Log(1 - Both(-2, 3) + 1e-7)
            + Math.Log(Both(-2, -1) + 1e-7);
        Assert.Equal(expected / 4, value, 1e-12);
        Assert.Throws<ArgumentException>(() => AdaptiveClustering.Of(scores, further, ones(2, 3)));
    }

    [Fact]
    public void Evaluate_Slopes_AreOppositeForClassifierAndExtractor()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = new ModulePart(() => new CosineClassifier(8, 2));
        var view = new Noise(0.3);
        IList<Tensor> Slopes(double reversal) =>
            autograd.grad(
                [
                    new AdaptiveClustering(view) { Largest = 3, Reversal = reversal }.Evaluate(
                        Toy.Step(extractor, predictor)
                    ),
                ],
                [predictor.Module.parameters().First(), extractor.Module.parameters().First()]
            );

        var (whole, half) = (Slopes(1), Slopes(0.5));

        Assert.True(whole[1].abs().sum().item<float>() > 0);
        Assert.True(half[0].allclose(whole[0], 1e-4, 1e-6));
        Assert.True(half[1].allclose(whole[1] * 0.5, 1e-4, 1e-6));
    }

    [Fact]
    public void Cdac_OnAFewLabeledRows_LearnsFromTheOthers()
    {
        var alone = Accuracy(net => net.Minimize(new CrossEntropy()));
        var cdac = Accuracy(null);

        output.WriteLine($"CDAC {cdac:P1}, labels alone {alone:P1}");
        Assert.True(cdac >= alone + 0.01, $"CDAC {cdac:P1}, labels alone {alone:P1}");
    }

    [Fact]
    public void PiModel_ThatLearnsFromBoth_HasTheSameValueAndTheSlopesOfBothViews()
    {
        Toy.SeedModules(5);
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        var (first, second) = (new Noise(0.3), new Noise(0.3));
        (Tensor Value, Tensor Slope) Of(PiModel term)
        {
            var value = term.Evaluate(Toy.Step(extractor, predictor));
            return (value, autograd.grad([value], [predictor.Module.parameters().First()])[0]);
        }

        var both = Of(new PiModel(first, second) { LearnsFromBoth = true });
        var one = Of(new PiModel(first, second));

        Assert.Equal(one.Value.item<float>(), both.Value.item<float>(), 1e-6);
        Assert.False(both.Slope.allclose(one.Slope, 1e-3, 1e-6));
    }

    public void Dispose() => scope.Dispose();

    // Of the target, with one labeled row of each class, over three seeds.
    private static double Accuracy(Action<NetworkTraining>? configure)
    {
        var total = 0.0;
        for (var seed = 1; seed <= 3; seed++)
        {
            using var run = NewDisposeScope();
            Toy.SeedModules(seed);
            var (extractor, predictor) = (Toy.Extractor(), new ModulePart(() => new CosineClassifier(8, 3)));
            var builder = configure is null
                ? Recipes.Cdac(extractor, predictor, new Noise(0.2), threshold: 0.9)
                : new AdaptationBuilder().Train(extractor, predictor, configure);
            var (inputs, labels) = Toy.Clouds(300, 40 + seed, 3, angle: 0.9, offset: 0.5);
            var (few, fewLabels) = Toy.Clouds(3, 50 + seed, 3, angle: 0.9, offset: 0.5);
            var space = LabelSpace.Classes(3);
            using var model = builder.FitFewShot(
                Toy.Source(classes: 3),
                new UnlabeledDomain(inputs),
                new LabeledDomain(few, fewLabels, space: space),
                new FitOptions
                {
                    Seed = seed,
                    Training = new TrainingOptions { Steps = 300, BatchSize = 64 },
                }
            );
            using var scores = model.Predict(inputs);
            total += Evaluation.AccuracyInterval.Of(scores, labels).Value;
        }
        return total / 3;
    }
}
