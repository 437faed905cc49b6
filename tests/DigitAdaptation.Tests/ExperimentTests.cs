using DigitAdaptation.Digits;
using DigitAdaptation.Experiments;

namespace DigitAdaptation.Tests;

public sealed class ExperimentTests
{
    [Fact]
    public void Run_TwoSeeds_CountsConfusionsAndKeepsCurves()
    {
        var method = Method(run =>
        {
            run.Epoch(0.25);
            run.Epoch(run.Seed == 1 ? 0.5 : 0.7);
            return new MethodOutcome(run.Seed == 1 ? [0, 1, 2, 2] : [0, 1, 2, 3]);
        });

        var summary = new Experiment([method], seeds: 2, epochs: 2).Run(Task(), new Silence()).Methods.Single();

        Assert.Equal([0.75, 1.0], summary.Results.Select(result => result.Accuracy));
        Assert.Equal(0.875, summary.Accuracy, 1e-12);
        Assert.Equal([0.25, 0.6, 0.875], summary.Curve.Select(accuracy => Math.Round(accuracy, 10)));
        Assert.Equal(1, summary.Confusion[3][2]);
        Assert.Equal(1, summary.Confusion[3][3]);
        Assert.Equal(8, summary.Confusion.Sum(row => row.Sum()));
    }

    [Fact]
    public void Run_WrongNumberOfPredictions_IsRefused()
    {
        var method = Method(_ => new MethodOutcome([1, 2]));

        var error = Assert.Throws<InvalidOperationException>(() =>
            new Experiment([method], seeds: 1, epochs: 1).Run(Task(), new Silence())
        );

        Assert.Contains("4 test images, but 2 predictions", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Margin_SeveralSeeds_IsThatOfStudentsT()
    {
        var summary = Summary(0.80, 0.82, 0.87);

        // s = 0.0360555, t(2, 97.5%) = 4.302653: 4.302653 * 0.0360555 / sqrt(3)
        Assert.Equal(0.0895665, summary.Margin, 1e-6);
    }

    [Fact]
    public void Margin_OneSeed_IsThatOfAShare()
    {
        var summary = Summary(0.80);

        // 1.959964 * sqrt(0.8 * 0.2 / 100)
        Assert.Equal(0.0783986, summary.Margin, 1e-6);
    }

    private static MethodSummary Summary(params double[] accuracies) =>
        new(
            Method(_ => new MethodOutcome([])),
            [.. accuracies.Select((accuracy, seed) => new MethodResult("m", seed, accuracy, 1, [], [], null))],
            TestImages: 100
        );

    private static DigitMethod Method(Func<MethodRun, MethodOutcome> train) =>
        new("m", "M", MethodRole.Adaptation, train);

    private static DigitTask Task()
    {
        var images = new DigitImages(new float[4], [0, 1, 2, 3], 1, 1);
        return new DigitTask("S", "T", images, images, images);
    }

    private sealed class Silence : IExperimentProgress
    {
        public void Started(DigitMethod method, int seed) { }

        public void Epoch(DigitMethod method, int epoch, double accuracy) { }

        public void Finished(DigitMethod method, MethodResult result) { }
    }
}
