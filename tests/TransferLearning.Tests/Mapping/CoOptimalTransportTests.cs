using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Rows of different features, matched together with the features.</summary>
public sealed class CoOptimalTransportTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    // NumPy: the best of all permutations of six rows and of three features in turns.
    [Fact]
    public void Plans_OfSixRowsAndThreeFeatures_AreThoseOfAnIndependentComputation()
    {
        var (rows, features) = new CoOptimalTransport().Plans(Waves.Rows(6, 3, 1), Waves.Rows(6, 3, 2.5));

        Assert.Equal([1L, 0L, 2L, 3L, 5L, 4L], Places(rows));
        Assert.Equal([2L, 1L, 0L], Places(features));
        Assert.Equal(1, rows.sum().item<double>(), 1e-12);
        Assert.Equal(1, features.sum().item<double>(), 1e-12);
    }

    [Fact]
    public void Plans_OfMixedRowsAndFeatures_FindTheOrderAgain()
    {
        var source = FormulaRows.Source() * tensor(new[] { 1.0, 3, 5 });
        var (ofRows, ofFeatures) = (tensor(Order(14, 5)), tensor(new long[] { 2, 0, 1 }));
        var target = source.index_select(0, ofRows).index_select(1, ofFeatures);

        var (rows, features) = new CoOptimalTransport().Plans(source, target);

        Assert.Equal(ofRows.data<long>().ToArray(), Places(rows.t()));
        Assert.Equal(ofFeatures.data<long>().ToArray(), Places(features.t()));
    }

    [Fact]
    public void Fit_ToTwiceTheFeatures_RepeatsThem()
    {
        var source = FormulaRows.Source() * tensor(new[] { 1.0, 3, 5 });
        var target = cat([source, source], 1);

        using var map = new CoOptimalTransport().Fit(source, target);

        Assert.True(map.Extract(source).allclose(target, 1e-9, 1e-9));
    }

    [Fact]
    public void Fit_ToFewerFeatures_GivesEachTheMeanOfItsColumn()
    {
        var method = new CoOptimalTransport();
        var (source, target) = (FormulaRows.Source(), FormulaRows.Target().narrow(1, 0, 2));
        var (_, features) = method.Plans(source, target);

        using var map = method.Fit(source, target);

        Assert.Equal([3L, 2L], map.Matrix.shape);
        Assert.True(map.Matrix.allclose(features * 2, 1e-12, 1e-12)); // each target feature has half of the mass
        Assert.True(map.Matrix.sum(dim: 0).allclose(ones(2, float64), 1e-12, 1e-12));
    }

    // Ten features of different size in another order and other rows: what is learned on the source reads the target.
    [Fact]
    public void Fit_OfFeaturesInAnotherOrder_LetsTheSourcesLearnerReadTheTarget()
    {
        var order = tensor(Order(10, 3));
        var target = Sized(150, 2);
        var turned = target.Inputs.index_select(1, order);
        double Read(Tensor inputs)
        {
            using var rule = (IDisposable)
                new LogisticRegression().Fit(
                    new LabeledDomain(inputs, Sized(200, 1).Labels, space: LabelSpace.Classes(2))
                );
            return ((ILabelPredictor)rule)
                .Predict(turned)
                .argmax(1)
                .eq(target.Labels)
                .to(float64)
                .mean()
                .item<double>();
        }

        using var map = new CoOptimalTransport().Fit(Sized(200, 1).Inputs, turned);

        var (before, after) = (Read(Sized(200, 1).Inputs), Read(map.Extract(Sized(200, 1).Inputs)));
        Assert.True(after > 0.9, $"{after} beside {before}");
        Assert.True(after > before + 0.2, $"{after} beside {before}");
    }

    [Fact]
    public void Fit_OfFaultyInput_NamesTheArgument()
    {
        var method = new CoOptimalTransport();
        var rows = FormulaRows.Source();
        Assert.Equal("target", Assert.Throws<ArgumentException>(() => method.Fit(rows, rows.to(float32))).ParamName);
        Assert.Equal(
            "MaxIterations",
            Assert
                .Throws<ArgumentOutOfRangeException>(() => new CoOptimalTransport { MaxIterations = 0 }.Fit(rows, rows))
                .ParamName
        );
    }

    public void Dispose() => scope.Dispose();

    // Feature k is of the size k + 1; the classes differ in the third and the eighth.
    private static LabeledDomain Sized(long rows, long seed)
    {
        using var generator = new RandomKey(seed).Generator();
        var labels = arange(rows, dtype: int64).remainder(2);
        var size = arange(1, 11, dtype: float64);
        var inputs = (rand([rows, 10], float64, generator: generator) + 1) * size;
        var move = (labels.to(float64) - 0.5) * 2;
        inputs.select(1, 2).add_(move);
        inputs.select(1, 7).sub_(move * 3);
        return new LabeledDomain(inputs, labels, space: LabelSpace.Classes(2));
    }

    private static long[] Order(long count, long step) =>
        [.. Enumerable.Range(0, (int)count).Select(i => ((i * step) + 1) % count)];

    // Where the mass of each row goes.
    private static long[] Places(Tensor plan) => plan.argmax(1).data<long>().ToArray();
}
