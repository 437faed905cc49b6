using TransferLearning.Selection;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Selection;

/// <summary>Partitions whose information is known.</summary>
public sealed class ClusterAgreementTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_EveryOrderOfSixRows_HasTheExpectationThatIsTakenAway()
    {
        long[] labels = [0, 0, 0, 1, 1, 2];
        long[] others = [0, 1, 1, 1, 2, 2];
        var all = Orders(others).Select(order => Information(labels, order)).ToList();
        var mean = (Information(labels, labels) + Information(others, others)) / 2;
        var expected = (Information(labels, others) - all.Average()) / (mean - all.Average());

        Assert.Equal(expected, ClusterAgreement.Of(tensor(labels), tensor(others)), 1e-9);
        Assert.Equal(expected, ClusterAgreement.Of(tensor(others), tensor(labels)), 1e-9);
    }

    [Fact]
    public void Of_TheSameAndOfUnrelatedClasses_IsOneAndAboutZero()
    {
        var labels = arange(300).remainder(3);
        using var generator = new RandomKey(1).Generator();

        Assert.Equal(1, ClusterAgreement.Of(labels, 2 - labels), 1e-9);
        Assert.Equal(0, ClusterAgreement.Of(labels, labels[randperm(300, generator: generator)]), 0.03);
        Assert.Equal(0, ClusterAgreement.Of(labels, zeros_like(labels)));
        Assert.Equal(1, ClusterAgreement.Of(arange(5, dtype: int64), arange(5, dtype: int64)));
        Assert.Throws<ArgumentException>("others", () => ClusterAgreement.Of(labels, zeros(4, int64)));
        Assert.Throws<ArgumentException>("labels", () => ClusterAgreement.Of(zeros(0, int64), zeros(0, int64)));
    }

    [Fact]
    public void Score_OfAModelThatSeesTheGroups_IsAboveOneThatDoesNot()
    {
        var target = Toy.LabeledTarget(rows: 200, classes: 3);
        var domains = new DomainSet([Toy.Source(classes: 3)], target.WithoutLabels());
        var score = new ClusterAgreement();

        var right = score.Score(new Rows(), new Known(target.Labels), domains);
        var turned = score.Score(new Rows(), new Known(target.Labels.roll(1)), domains);
        var reduced = (score with { Components = 2 }).Score(new Rows(), new Known(target.Labels), domains);

        Assert.True(right > 0.9, $"{right}");
        // The class after each, which is as regular: the labels go round.
        Assert.True(turned > 0.9);
        Assert.True(reduced > 0.9, $"{reduced}");
        Assert.Equal(0, score.Score(new Rows(), new Known(zeros_like(target.Labels)), domains));
        var half = where(arange(200).lt(100), target.Labels, zeros_like(target.Labels));
        Assert.InRange(score.Score(new Rows(), new Known(half), domains), 0.1, 0.7);
    }

    // scikit-learn's k-means of three clusters, n_init = 1, init = the means of the predicted classes with 0 for
    // missing ones, and its adjusted_mutual_info_score.
    [Theory]
    [InlineData(new[] { 4.0, 5, 10, 11, 15 }, new[] { 0L, 0, 1, 1, 1 }, 0.6353502945775747)] // 15 fills the empty one
    [InlineData(new[] { 0.0, 1, 10, 11 }, new[] { 0L, 0, 1, 1 }, 0.5714285714285715)] // the missing class takes 0
    [InlineData(new[] { 0.0, 1, 10, 11, 20, 21 }, new[] { 0L, 0, 0, 0, 1, 2 }, 1.0)] // stays where it starts
    public void Score_ByDefault_StartsAtTheMeansOfPredictedClasses(double[] values, long[] predicted, double expected)
    {
        var domains = new DomainSet([Toy.Source(classes: 3)], new UnlabeledDomain(tensor(values).unsqueeze(1)));

        var score = new ClusterAgreement().Score(new Rows(), new Known(tensor(predicted)), domains);

        Assert.Equal(expected, score, 1e-9);
    }

    [Fact]
    public void Score_WithStarts_TakesTheBestClustersOfKMeansPlusPlus()
    {
        var rows = tensor(new[] { 0.0, 1, 10, 11, 20, 21 }).unsqueeze(1);
        var domains = new DomainSet([Toy.Source(classes: 3)], new UnlabeledDomain(rows));
        var predicted = tensor(new[] { 0L, 0, 0, 0, 1, 2 });

        var score = new ClusterAgreement { Starts = 10 }.Score(new Rows(), new Known(predicted), domains);

        Assert.Equal(0.34782608695652206, score, 1e-9); // three pairs
    }

    public void Dispose() => scope.Dispose();

    private static double Information(long[] labels, long[] others)
    {
        double n = labels.Length;
        return labels
            .Zip(others)
            .GroupBy(pair => pair)
            .Sum(cell =>
                cell.Count()
                / n
                * Math.Log(
                    n
                        * cell.Count()
                        / ((double)labels.Count(l => l == cell.Key.First) * others.Count(o => o == cell.Key.Second))
                )
            );
    }

    private static IEnumerable<long[]> Orders(long[] items) =>
        items.Length <= 1
            ? [items]
            : items
                .Index()
                .SelectMany(it =>
                    Orders([.. items[..it.Index], .. items[(it.Index + 1)..]])
                        .Select(rest => (long[])[it.Item, .. rest])
                );

    private sealed class Rows : IFeatureExtractor
    {
        public Tensor Extract(Tensor inputs) => inputs.alias();
    }

    private sealed class Known(Tensor labels) : ILabelPredictor
    {
        public Tensor Predict(Tensor features) => nn.functional.one_hot(labels, 3).to(features.dtype);
    }
}
