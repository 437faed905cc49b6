using TransferLearning.Settings;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>The classifier's loss of UAN's program: bounded, and the recipe's default.</summary>
public sealed class ProbabilityCrossEntropyTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_SomeRows_TakesTheSoftmaxTwice()
    {
        double[][] scores =
        [
            [1, 2, 0.5],
            [-1, 0, 3],
        ];
        long[] labels = [1, 0];
        double[] weights = [0.5, 1.5];
        static double[] Softmax(double[] row) => [.. row.Select(x => Math.Exp(x) / row.Sum(Math.Exp))];

        var expected = Enumerable
            .Range(0, 2)
            .Average(i => -Math.Log(Softmax(Softmax(scores[i]))[labels[i]]) * weights[i]);

        var rows = tensor(scores.SelectMany(row => row).ToArray(), 2, 3);
        var loss = ProbabilityCrossEntropy.Of(rows, tensor(labels), tensor(weights));
        Assert.Equal(expected, loss.item<double>(), 12);
    }

    [Fact]
    public void Of_CertainRows_StaysWithinItsBounds()
    {
        var scores = tensor(new[] { 1e4f, 0, 0, -1e4f, 1e4f, 0 }, 2, 3);
        var most = Math.Log(Math.E + 2);

        Assert.Equal(most - 1, ProbabilityCrossEntropy.Of(scores, tensor(new long[] { 0, 1 })).item<float>(), 5);
        Assert.Equal(most, ProbabilityCrossEntropy.Of(scores, tensor(new long[] { 1, 0 })).item<float>(), 5);
    }

    [Fact]
    public void Uan_ByDefault_LearnsByItAndNotByCrossEntropy()
    {
        var names = Losses(null);

        Assert.Contains("ProbabilityCrossEntropy", names);
        Assert.DoesNotContain("CrossEntropy", names);
        Assert.Contains("CrossEntropy", Losses(new TransferLearning.Objectives.CrossEntropy()));
    }

    public void Dispose() => scope.Dispose();

    private static List<string> Losses(IObjective? loss)
    {
        var seen = new Names();
        using var model = Recipes
            .Uan(Toy.Extractor(), Toy.Predictor(), Toy.Critic(), Toy.Critic(), loss: loss)
            .Fit(
                Toy.Source(rows: 64),
                Toy.LabeledTarget().WithoutLabels(),
                new FitOptions
                {
                    Observers = [seen],
                    Training = new TrainingOptions { Steps = 1 },
                }
            );
        return seen.Heard;
    }

    private sealed class Names : ITrainingObserver
    {
        public List<string> Heard { get; } = [];

        public void OnStep(StepReport report) => Heard.AddRange(report.Objectives.Select(pair => pair.Name));
    }
}
