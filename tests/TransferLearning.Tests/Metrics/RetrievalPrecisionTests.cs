using TransferLearning.Evaluation;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Metrics;

/// <summary>Average precision and precision at k, by hand.</summary>
public sealed class RetrievalPrecisionTests : IDisposable
{
    private static readonly long[] Labels = [0, 1, 0, 1, 0];

    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_SimilaritiesWithTies_TakesEqualRowsTogether()
    {
        var similarities = tensor(
            new double[,]
            {
                { 4, 2, 2, 2, 0 },
                { 1, 1, 3, -1, 3 },
            }
        );

        var found = RetrievalPrecision.Of(similarities, tensor(new long[] { 0, 1 }), tensor(Labels), 2);

        // (1/1 + 2/4 + 3/5) / 3 and (1/4 + 2/5) / 2; of the first two rows (1 + 1/3) / 2 and 0.
        Assert.Equal((0.7 + 0.325) / 2, found.MeanAveragePrecision, 1e-12);
        Assert.Equal(1.0 / 3, found.PrecisionAtK, 1e-12);
        Assert.Equal((2, 2L), (found.K, found.Queries));
        Assert.Equal("MAP 0.513, precision at 2 0.333 of 2 queries", found.ToString());
    }

    [Fact]
    public void Of_RowsInAnotherOrder_IsTheSame()
    {
        using var generator = new RandomKey(1).Generator();
        var similarities = randint(0, 4, [6, 30], int64, generator: generator).to(float64);
        var (queries, labels) = (arange(6).remainder(3), arange(30).remainder(3));
        var order = randperm(30, int64, generator: generator);

        var first = RetrievalPrecision.Of(similarities, queries, labels, 7);
        var second = RetrievalPrecision.Of(
            similarities.index_select(1, order),
            queries,
            labels.index_select(0, order),
            7
        );

        Assert.Equal(first.MeanAveragePrecision, second.MeanAveragePrecision, 1e-12);
        Assert.Equal(first.PrecisionAtK, second.PrecisionAtK, 1e-12);
    }

    [Fact]
    public void Of_QueryWithoutARowOfItsClass_LeavesItOut()
    {
        var similarities = tensor(
            new double[,]
            {
                { 5, 4, 3, 2, 1 },
                { 5, 4, 3, 2, 1 },
            }
        );

        var found = RetrievalPrecision.Of(similarities, tensor(new long[] { 0, 7 }), tensor(Labels), 1);

        Assert.Equal(1, found.Queries);
        Assert.Equal((1 + (2.0 / 3) + (3.0 / 5)) / 3, found.MeanAveragePrecision, 1e-12);
        Assert.Equal(1, found.PrecisionAtK);
        Assert.Throws<ArgumentException>(
            "queryLabels",
            () => RetrievalPrecision.Of(similarities, tensor(new long[] { 7, 7 }), tensor(Labels), 1)
        );
    }

    [Fact]
    public void Of_OtherShapes_SaysWhich()
    {
        var similarities = zeros(2, 5);
        var queries = zeros(2, int64);

        Assert.Throws<ArgumentException>(
            "similarities",
            () => RetrievalPrecision.Of(queries, queries, tensor(Labels), 1)
        );
        Assert.Throws<ArgumentException>(
            "queryLabels",
            () => RetrievalPrecision.Of(similarities, zeros(3, int64), tensor(Labels), 1)
        );
        Assert.Throws<ArgumentException>("labels", () => RetrievalPrecision.Of(similarities, queries, queries, 1));
        Assert.Throws<ArgumentOutOfRangeException>(
            "k",
            () => RetrievalPrecision.Of(similarities, queries, tensor(Labels), 6)
        );
    }

    public void Dispose() => scope.Dispose();
}
