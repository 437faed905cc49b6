using System.Diagnostics;
using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Learners;

/// <summary>Trees against scikit-learn 1.2.1 on forty weighted rows.</summary>
public sealed class DecisionTreeTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Tensor inputs;
    private readonly Tensor values;
    private readonly Tensor labels;
    private readonly Tensor weights;

    public DecisionTreeTests()
    {
        var i = arange(40, dtype: float64);
        inputs = stack([(i * 1.3).sin() * 2, (i * 0.7).cos() + (i * 0.1), (i.square() * 0.9).sin()], 1);
        var x = inputs.select(1, 0);
        labels = ((i * 0.4).sin() + (inputs.select(1, 2) * 0.5)).gt(0).to(int64) + x.gt(1).to(int64);
        values = (x * inputs.select(1, 1)) + (i * 3).sin();
        weights = (arange(40, dtype: int64).remainder(4).to(float64) * 0.5) + 0.25;
    }

    [Theory]
    [InlineData(1, 1, 3, 215.3764739326287)]
    [InlineData(3, 1, 15, 33.85180948122835)]
    [InlineData(6, 1, 65, 0.1488016313187394)]
    [InlineData(10, 4, 15, 69.89282521433292)]
    public void Fit_Values_LeavesScikitLearnsError(int depth, int minRows, long nodes, double error)
    {
        var learner = new DecisionTree { MaxDepth = depth, MinRows = minRows };
        using var tree = (TreePredictor)learner.Fit(new LabeledDomain(inputs, values, weights));

        var gaps = tree.Predict(inputs).squeeze(1) - values;

        Assert.Equal(nodes, tree.Nodes);
        Assert.Equal(error, (weights * gaps.square()).sum().item<double>(), 9);
    }

    [Theory]
    [InlineData(1, 3, 19.384615384615383)]
    [InlineData(3, 11, 12.099940476190476)]
    [InlineData(6, 25, 2.423611111111111)]
    public void Fit_Classes_LeavesScikitLearnsImpurity(int depth, long nodes, double impurity)
    {
        var learner = new DecisionTree { MaxDepth = depth };
        using var tree = (TreePredictor)learner.Fit(new LabeledDomain(inputs, labels, weights));

        var shares = tree.Predict(inputs);
        var gaps = shares - nn.functional.one_hot(labels, 3);

        Assert.Equal(nodes, tree.Nodes);
        Assert.Equal(impurity, (weights.unsqueeze(1) * gaps.square()).sum().item<double>(), 9);
        Assert.True(shares.sum(1).allclose(ones(40, float64), 1e-12, 1e-12));
    }

    [Fact]
    public void Stump_WeightsBeyondAllDigits_SplitsWhereTheWeightIs()
    {
        // From the whole less the left nothing is left of the last row's weight, and something of its class.
        var rows = tensor(new[] { 0.0, 1, 2 }).unsqueeze(1);
        var given = new LabeledDomain(rows, tensor(new long[] { 0, 1, 2 }), tensor(new[] { 1e20, 1e20, 1 }));
        using var stump = (TreePredictor)DecisionTree.Stump.Fit(given);

        Assert.Equal([0, 1, 1], stump.Predict(rows).argmax(1).data<long>().ToArray());
    }

    [Fact]
    public void Fit_ValuesFarFromZero_SplitsTheirDifferences()
    {
        var rows = arange(8, dtype: float64).unsqueeze(1);
        var step = rows.squeeze(1).ge(3).to(float64);
        using var near = (TreePredictor)DecisionTree.Stump.Fit(new LabeledDomain(rows, step));
        using var far = (TreePredictor)DecisionTree.Stump.Fit(new LabeledDomain(rows, step + 1e9));

        Assert.Equal(3, far.Nodes);
        Assert.True((far.Predict(rows) - 1e9).allclose(near.Predict(rows), 0, 1e-6));
    }

    [Fact]
    public void Stump_Classes_GivesScikitLearnsLeaves()
    {
        using var stump = (TreePredictor)DecisionTree.Stump.Fit(new LabeledDomain(inputs, labels, weights));

        var expected = tensor(
            new[,]
            {
                { 0.4166666666666667, 0.5833333333333334, 0 },
                { 0, 0.40384615384615385, 0.5961538461538461 },
            }
        );
        Assert.True(stump.Predict(inputs.narrow(0, 0, 2)).allclose(expected, 1e-12, 1e-12));
    }

    [Fact]
    public void Fit_IntegerWeights_EqualRowsRepeatedAndZeroOnesMissing()
    {
        var counts = arange(40, dtype: int64).remainder(3);
        var rows = arange(40, dtype: int64).repeat_interleave(counts);
        var learner = new DecisionTree { MaxDepth = 3 };

        using var weighted = (TreePredictor)learner.Fit(new LabeledDomain(inputs, labels, counts.to(float64)));
        using var repeated = (TreePredictor)
            learner.Fit(new LabeledDomain(inputs.index_select(0, rows), labels.index_select(0, rows)));

        Assert.True(weighted.Predict(inputs).allclose(repeated.Predict(inputs), 1e-12, 1e-12));
    }

    [Fact]
    public void Fit_ConstantFeatures_IsOneLeaf()
    {
        using var tree = (TreePredictor)new DecisionTree().Fit(new LabeledDomain(zeros(40, 3, float64), values));

        Assert.Equal(1, tree.Nodes);
        Assert.Equal(values.mean().item<double>(), tree.Predict(zeros(1, 3, float64)).item<double>(), 12);
    }

    [Fact]
    public void Predict_SavedAndLoaded_IsTheSame()
    {
        using var folder = new TemporaryFolder();
        TreePredictor? tree = (TreePredictor)new DecisionTree().Fit(new LabeledDomain(inputs, labels, weights));
        using (var saving = StateBag.ForSaving())
        {
            saving.Part("tree", ref tree);
            saving.Write(folder.File("tree"));
        }
        using var loading = StateBag.Read(folder.File("tree"));
        TreePredictor? loaded = null;
        loading.Part("tree", ref loaded);

        Assert.True(loaded!.Predict(inputs).equal(tree!.Predict(inputs)).all().item<bool>());
    }

    [Fact]
    public void Predict_OtherWidth_NamesTheFeatures()
    {
        using var tree = (TreePredictor)new DecisionTree().Fit(new LabeledDomain(inputs, labels));

        var fault = Assert.Throws<ArgumentException>(() => tree.Predict(zeros(2, 4, float64)));

        Assert.Equal("features", fault.ParamName);
    }

    [Fact]
    public void Fit_ThousandsOfRows_TakesNoTime()
    {
        using var generator = new RandomKey(1).Generator();
        var rows = randn([20000, 20], generator: generator);
        var domain = new LabeledDomain(rows, rows.select(1, 0).gt(0).to(int64));
        var watch = Stopwatch.StartNew();

        DecisionTree.Stump.Fit(domain);

        Assert.True(watch.Elapsed.TotalSeconds < 5, $"{watch.Elapsed.TotalSeconds} s");
    }

    [Fact]
    public void Fit_ValuesInASmallUnit_GrowsTheSameTree()
    {
        using var tree = (TreePredictor)new DecisionTree().Fit(new LabeledDomain(inputs, values, weights));
        using var small = (TreePredictor)new DecisionTree().Fit(new LabeledDomain(inputs, values * 1e-9, weights));

        Assert.Equal(tree.Nodes, small.Nodes);
        Assert.True((small.Predict(inputs) * 1e9).allclose(tree.Predict(inputs), 1e-9, 1e-9));
    }

    public void Dispose() => scope.Dispose();
}
