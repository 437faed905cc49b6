using TransferLearning.Adversarial;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class SymmetricClassifiersTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Terms_OfSomeScores_AreTheirFormulas()
    {
        using var generator = new RandomKey(1).Generator();
        var (source, target) = (
            randn([3, 4], dtype: float64, generator: generator),
            randn([2, 4], dtype: float64, generator: generator)
        );
        var (p, q) = (Rows(source.softmax(1)), Rows(target.softmax(1)));
        double[] weights = [2, 0.5, 0.5];
        long[] labels = [1, 0, 1];
        var discrimination =
            -p.Select((row, i) => weights[i] * Math.Log(row[0] + row[1])).Average()
            - q.Average(row => Math.Log(row[2] + row[3]));
        var category = -p.Select((row, i) => weights[i] * Math.Log(row[labels[i]] * row[labels[i] + 2]) / 2).Average();
        var confusion = -q.Average(row => Math.Log((row[0] + row[1]) * (row[2] + row[3])) / 2);
        var entropy = -q.Average(row =>
            Enumerable.Range(0, 2).Sum(c => (row[c] + row[c + 2]) * Math.Log(row[c] + row[c + 2]))
        );

        Assert.Equal(discrimination, SymmetricDiscrimination.Of(source, target, tensor(weights)).item<double>(), 1e-12);
        Assert.Equal(category, CategoryConfusion.Of(source, tensor(labels), tensor(weights)).item<double>(), 1e-12);
        Assert.Equal(confusion, SymmetricConfusion.Of(target, hasEntropy: false).item<double>(), 1e-12);
        Assert.Equal(confusion + entropy, SymmetricConfusion.Of(target).item<double>(), 1e-12);
        var hot = nn.functional.one_hot(tensor(labels), 2).to(float64);
        Assert.Equal(category, CategoryConfusion.Of(source, hot, tensor(weights)).item<double>(), 1e-12);
    }

    [Fact]
    public void Confusion_OfClassifiersThatAgree_IsLeast()
    {
        var sure = tensor(
            new double[,]
            {
                { 90, 0, 90, 0 },
            }
        );

        Assert.Equal(Math.Log(2), SymmetricConfusion.Of(sure).item<double>(), 1e-9);
        Assert.Equal(Math.Log(2), CategoryConfusion.Of(sure, zeros(1, int64)).item<double>(), 1e-9);
        Assert.True(
            SymmetricConfusion
                .Of(
                    tensor(
                        new double[,]
                        {
                            { 90, 0, 0, 0 },
                        }
                    )
                )
                .item<double>() > 40
        );
    }

    [Fact]
    public void Of_ScoresThatDoNotFit_IsRefused()
    {
        Assert.Throws<ArgumentException>("scores", () => SymmetricConfusion.Of(zeros(2, 3)));
        Assert.Throws<ArgumentException>("labels", () => CategoryConfusion.Of(zeros(2, 4), zeros(3, int64)));
        Assert.Throws<ArgumentException>("labels", () => CategoryConfusion.Of(zeros(2, 4), zeros(2, 4)));
        Assert.Throws<ArgumentException>("target", () => SymmetricDiscrimination.Of(zeros(2, 4), zeros(2, 6)));
    }

    [Fact]
    public void OpposeSymmetrically_Training_MovesClassifiersAndExtractorInTurns()
    {
        using var extractor = Toy.Extractor();
        using var predictor = Toy.Predictor();
        using var ofSource = Toy.Predictor();

        var training = new NetworkTraining(extractor, predictor).OpposeSymmetrically(ofSource, 0.5);

        Assert.Equal(
            [
                [predictor, ofSource],
                [extractor],
            ],
            training.Phases.Select(phase => phase.Moved.ToArray())
        );
        Assert.Equal([1, 0.5], training.Phases[1].Objectives.Select(term => term.Weight.At(0.3)));
    }

    public void Dispose() => scope.Dispose();

    private static double[][] Rows(Tensor rows) =>
        [.. Enumerable.Range(0, (int)rows.shape[0]).Select(i => rows[i].data<double>().ToArray())];
}
