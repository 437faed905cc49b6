using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Consistency;

public sealed class AuxiliaryBalancedClassifierTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Chances_OfShares_AreTheRarestOverEach()
    {
        var chances = AuxiliaryBalancedClassifier.Chances(tensor(new[] { 0.6, 0.0, 0.3, 0.1 }));

        Assert.Equal([1.0 / 6, 1, 1.0 / 3, 1], chances.data<double>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void Of_Logits_CountsSureRowsOfTheMaskByTheirSoftLabels()
    {
        var weak = tensor(
            new double[,]
            {
                { 3, 0 },
                { 3, 0 },
                { 0.1, 0 },
            }
        );
        var strong = tensor(
            new double[,]
            {
                { 1, 0 },
                { 0, 1 },
                { 1, 0 },
            }
        );

        var loss = AuxiliaryBalancedClassifier.Of(weak, strong, tensor(new double[] { 0, 1, 1 }), 0.9).item<double>();

        var p = 1 / (1 + Math.Exp(-3));
        var logs = (A: -Math.Log(1 + Math.E), B: 1 - Math.Log(1 + Math.E));
        Assert.Equal(-((p * logs.A) + ((1 - p) * logs.B)) / 3, loss, 1e-12);
    }

    [Fact]
    public void Evaluate_OfEvenLabelsWithoutAView_IsTheSumOfItsTerms()
    {
        Toy.SeedModules(5);
        var (extractor, predictor, ordinary) = (Toy.Extractor(), Toy.Predictor(), Toy.Predictor());
        var step = Toy.Step(extractor, predictor);

        // Before any training every class has the chance 1, and the view changes nothing.
        var value = new AuxiliaryBalancedClassifier(ordinary, new Noise(0)) { Threshold = 0.5 }.Evaluate(step);

        var (source, target) = (step.Sources[0], step.Features(step.Target));
        var (plain, balanced) = (step.Scores(ordinary, target), step.Scores(step.Target));
        var expected =
            CrossEntropy.Of(step.Scores(ordinary, step.Features(source)), source.Labels)
            + CrossEntropy.Of(step.Scores(source), source.Labels)
            + FixMatch.Of(plain, plain, 0.5)
            + (AuxiliaryBalancedClassifier.Of(balanced, balanced, ones(6), 0.5) * 2);
        Assert.Equal(expected.item<float>(), value.item<float>(), 1e-4);
    }

    [Fact]
    public void Abc_OnUnevenRows_ReadsThemBetterThanLabelsAlone()
    {
        var alone = UnevenClouds.AccuracyAlone();
        var abc = UnevenClouds.Accuracy(() =>
            Recipes.Abc(Toy.Extractor(), Toy.Predictor(3), Toy.Predictor(3), new Noise(0.3), threshold: 0.9)
        );

        output.WriteLine($"ABC {abc:P1}, labels alone {alone:P1}");
        Assert.True(abc >= alone + 0.01, $"ABC {abc:P1}, labels alone {alone:P1}");
    }

    public void Dispose() => scope.Dispose();
}
