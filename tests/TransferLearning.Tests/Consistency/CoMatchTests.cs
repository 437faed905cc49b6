using TransferLearning.Consistency;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Consistency;

public sealed class CoMatchTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Smoothed_Predictions_TakeAShareOfNearRows()
    {
        var memory = eye(2, dtype: float64);
        var classes = tensor(
            new double[,]
            {
                { 1, 0 },
                { 0.25, 0.75 },
            }
        );
        var p = tensor(
            new double[,]
            {
                { 0.5, 0.5 },
            }
        );

        var smoothed = CoMatch.Smoothed(p, memory.narrow(0, 0, 1), memory, classes, temperature: 0.5, smoothing: 0.8);

        var near = Math.Exp(2) / (Math.Exp(2) + 1);
        Assert.Equal((0.8 * 0.5) + (0.2 * (near + (0.25 * (1 - near)))), smoothed[0, 0].item<double>(), 1e-12);
        Assert.Equal(1, smoothed.sum().item<double>(), 1e-12);
    }

    [Fact]
    public void Contrast_OfAGraph_JoinsRowsAboveTheThresholdAlone()
    {
        var first = eye(3, dtype: float64);
        var second = tensor(
            new double[,]
            {
                { 1, 0, 0 },
                { 0.6, 0.8, 0 },
                { 0, 0, 1 },
            }
        );
        // Rows 0 and 1 agree by 0.82, row 2 stands by itself.
        var p = tensor(
            new double[,]
            {
                { 0.9, 0.1 },
                { 0.9, 0.1 },
                { 0.2, 0.8 },
            }
        );

        var value = CoMatch.Contrast(first, second, p, temperature: 0.5, threshold: 0.8).item<double>();

        var near = (first.matmul(second.t()) / 0.5).softmax(1);
        double Log(int i, int j) => Math.Log(near[i, j].item<double>() + 1e-7);
        var joined = ((Log(0, 0) + (0.82 * Log(0, 1))) / 1.82) + (((0.82 * Log(1, 0)) + Log(1, 1)) / 1.82);
        Assert.Equal(-(joined + Log(2, 2)) / 3, value, 1e-12);
    }

    [Fact]
    public void Contrast_AtAThresholdOfOne_JoinsRowsWithThemselvesAlone()
    {
        var rows = tensor(
            new double[,]
            {
                { 1, 0 },
                { 0.6, 0.8 },
            }
        );
        var alike = tensor(
            new double[,]
            {
                { 0.9, 0.1 },
                { 0.9, 0.1 },
            }
        );

        var value = CoMatch.Contrast(rows, rows, alike, temperature: 0.5, threshold: 1).item<double>();

        // Each row's product with itself is 1, and 0.6 with the other.
        var own = Math.Exp(1 / 0.5) / (Math.Exp(1 / 0.5) + Math.Exp(0.6 / 0.5));
        Assert.Equal(-Math.Log(own + 1e-7), value, 1e-12);
    }

    [Fact]
    public void Smoothed_WithAllOfItsOwn_StaysWhatItIs()
    {
        var (p, memory) = (full([1, 2], 0.5, float64), eye(2, dtype: float64));

        var smoothed = CoMatch.Smoothed(p, memory.narrow(0, 0, 1), memory, memory, smoothing: 1);

        Assert.Equal([0.5, 0.5], smoothed.data<double>().ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            CoMatch.Smoothed(p, memory.narrow(0, 0, 1), memory, memory, smoothing: 1.01)
        );
    }

    [Fact]
    public void Evaluate_BeforeTheMemoryIsFull_IsFixMatchWithEvenedSoftLabelsAndTheGraph()
    {
        Toy.SeedModules(5);
        var (extractor, predictor) = (Toy.Extractor(), Toy.Predictor());
        var head = new ModulePart(() => nn.Linear(8, 3));
        var step = Toy.Step(extractor, predictor);

        // The view changes nothing, so that both projections are the same.
        var value = new CoMatch(head, new Noise(0)) { Threshold = 0.5 }
            .Evaluate(step)
            .item<float>();

        var scores = step.Scores(step.Target);
        var p = scores.softmax(1);
        p /= p.mean([0L]);
        p = (p / p.sum(1, keepdim: true)).detach();
        var projected = head.Predict(step.Features(step.Target));
        projected /= projected.norm(1, keepdim: true);
        var expected = CrossEntropy.Of(scores, p) + CoMatch.Contrast(projected, projected, p);
        Assert.Equal(expected.item<float>(), value, 1e-4);
    }

    [Fact]
    public void CoMatch_OnFewLabeledRows_LearnsFromTheOthers()
    {
        var alone = UnevenClouds.AccuracyAlone();
        var with = UnevenClouds.Accuracy(() =>
            Recipes.CoMatch(
                Toy.Extractor(),
                Toy.Predictor(3),
                new ModulePart(() => nn.Linear(8, 8)),
                new Noise(0.3),
                weight: Schedule.From(0.3, 1),
                threshold: 0.9
            )
        );

        output.WriteLine($"CoMatch {with:P1}, labels alone {alone:P1}");
        Assert.True(with >= alone + 0.01, $"CoMatch {with:P1}, labels alone {alone:P1}");
    }

    public void Dispose() => scope.Dispose();
}
