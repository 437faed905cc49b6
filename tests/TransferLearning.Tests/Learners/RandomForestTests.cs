using TransferLearning.Predictors;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Learners;

/// <summary>Forests: their mean, their draws, and what they gain over one tree.</summary>
public sealed class RandomForestTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Predict_Rows_IsTheMeanOfTheTrees()
    {
        var data = Ring(1, 60);
        using var forest = (ForestPredictor)new RandomForest { Trees = 5, MaxDepth = 3 }.Fit(data);

        var expected = stack(forest.Trees.Select(tree => tree.Predict(data.Inputs)), 0).mean([0L]);

        Assert.Equal(5, forest.Trees.Count);
        Assert.True(forest.Predict(data.Inputs).allclose(expected, 1e-12, 1e-12));
    }

    [Fact]
    public void Fit_NoisyClasses_ErrsLessThanOneTree()
    {
        var (data, others) = (Ring(1, 300), Ring(2, 1000));
        using var tree = (TreePredictor)new DecisionTree { MaxDepth = 30 }.Fit(data);
        using var forest = (ForestPredictor)new RandomForest().Fit(data);

        Assert.True(Error(forest, others) < Error(tree, others) - 0.02);
    }

    [Fact]
    public void Fit_SameSeed_GivesTheSameForestAndAnotherSeedAnother()
    {
        var data = Ring(1, 60);
        Tensor By(long seed)
        {
            using var forest = (ForestPredictor)new RandomForest { Trees = 4, Seed = seed }.Fit(data);
            return forest.Predict(data.Inputs);
        }

        Assert.True(By(3).equal(By(3)).all().item<bool>());
        Assert.False(By(3).equal(By(4)).all().item<bool>());
    }

    [Fact]
    public void Fit_OneFeatureOfManyConstantOnes_IsFound()
    {
        var inputs = zeros(40, 9, float64);
        inputs.select(1, 6).copy_(arange(40, dtype: float64));
        var labels = arange(40).ge(20).to(int64);
        using var forest = (ForestPredictor)
            new RandomForest { Trees = 5, Features = 1 }.Fit(new LabeledDomain(inputs, labels));

        Assert.All(forest.Trees, tree => Assert.Equal(3, tree.Nodes));
    }

    [Fact]
    public void Fit_Values_GivesTheirMeansInTheRowsDtype()
    {
        var inputs = arange(50, dtype: float32).unsqueeze(1);
        var values = inputs.squeeze(1).gt(24.5).to(float32) * 6;
        using var forest = (ForestPredictor)new RandomForest { Trees = 30 }.Fit(new LabeledDomain(inputs, values));

        var predicted = forest.Predict(inputs);

        Assert.Equal(ScoreKind.Values, forest.ScoreKind);
        Assert.Equal(float32, predicted.dtype);
        Assert.Equal(0, predicted[0, 0].item<float>(), 1e-5);
        Assert.Equal(6, predicted[49, 0].item<float>(), 1e-5);
    }

    [Fact]
    public void Predict_SavedAndLoaded_IsTheSame()
    {
        using var folder = new TemporaryFolder();
        var data = Ring(1, 40);
        ForestPredictor? forest = (ForestPredictor)new RandomForest { Trees = 3 }.Fit(data);
        using (var saving = StateBag.ForSaving())
        {
            saving.Part("forest", ref forest);
            saving.Write(folder.File("forest"));
        }
        using var loading = StateBag.Read(folder.File("forest"));
        ForestPredictor? loaded = null;
        loading.Part("forest", ref loaded);

        Assert.True(loaded!.Predict(data.Inputs).equal(forest!.Predict(data.Inputs)).all().item<bool>());
        forest.Dispose();
        loaded.Dispose();
    }

    [Fact]
    public void ForestPredictor_OfNoOrUnlikeTrees_IsRefused()
    {
        var inputs = arange(8, dtype: float64).unsqueeze(1);
        var few = (TreePredictor)
            DecisionTree.Stump.Fit(new LabeledDomain(inputs, tensor(new long[] { 0, 0, 0, 1, 1, 1, 1, 1 })));
        var many = (TreePredictor)
            DecisionTree.Stump.Fit(new LabeledDomain(inputs, tensor(new long[] { 0, 0, 0, 1, 1, 1, 1, 2 })));

        Assert.Throws<ArgumentException>("trees", () => new ForestPredictor([]));
        Assert.Throws<ArgumentException>("trees", () => new ForestPredictor([few, many]));
    }

    [Fact]
    public void Fit_AChainOfSplits_NeedsNoStack()
    {
        // Each row but the last is worth far more than all behind it: every split parts off one row.
        var rows = arange(3000, dtype: float64);
        var labels = rows.to(int64).remainder(2);
        var weights = (rows * -0.2).exp();
        using var tree = (TreePredictor)
            new DecisionTree { MaxDepth = int.MaxValue }.Fit(new LabeledDomain(rows.unsqueeze(1), labels, weights));

        Assert.True(tree.Nodes > 200);
    }

    public void Dispose() => scope.Dispose();

    // Two classes inside and outside of a ring, a tenth of the labels exchanged, four features of noise.
    private static LabeledDomain Ring(long seed, long rows)
    {
        using var generator = new RandomKey(seed).Generator();
        var inputs = randn([rows, 6], float64, generator: generator);
        var isOutside = inputs.narrow(1, 0, 2).square().sum(1).gt(1.4);
        var isWrong = rand([rows], float64, generator: generator).lt(0.1);
        return new LabeledDomain(inputs, isOutside.logical_xor(isWrong).to(int64));
    }

    private static double Error(ILabelPredictor predictor, LabeledDomain data) =>
        predictor.Predict(data.Inputs).argmax(1).ne(data.Labels).to(float64).mean().item<double>();
}
