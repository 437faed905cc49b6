using TransferLearning.Network;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Network;

/// <summary>Forests that a few labeled rows refine: SER, STRUT and MIX, by hand and on made rows.</summary>
public sealed class RefinedForestTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Ser_LeafOfTwoClasses_GrowsIt()
    {
        using var start = Stump([1, 0], [0, 1]);

        using var refined = Ser(start, [-1, -2, 1, 2], [0, 0, 0, 1]);

        Assert.Equal(5, refined.Trees[0].Nodes);
        Assert.Equal([1.0, 1, 1, 0, 0], First(refined, [-1, -0.1, 1.4, 1.6, 9]));
    }

    [Fact]
    public void Ser_SplitThatSavesNoError_BecomesALeaf()
    {
        using var start = Stump([1, 0], [0, 1]);

        // The left rows cannot be told apart: the subtree errs in one row, as a leaf of all four does.
        using var refined = Ser(start, [-1, -1, 1, 2], [0, 1, 0, 0]);

        Assert.Equal(1, refined.Trees[0].Nodes);
        Assert.Equal([0.75, 0.75], First(refined, [-1, 1]));
    }

    [Fact]
    public void Ser_SideWithoutRows_IsLeftOut()
    {
        using var start = Stump([1, 0], [0, 1]);

        using var refined = Ser(start, [1, 2], [1, 0]);

        Assert.Equal(3, refined.Trees[0].Nodes);
        Assert.Equal([0.0, 0, 1], First(refined, [-5, 1, 2]));
    }

    [Theory]
    [InlineData(1, 0, 0.25, 0.75, 1.5)]
    [InlineData(0.25, 0.75, 1, 0, 4.5)]
    public void Strut_TwoPeaksOfInformation_TakesThatOfTheSourcesShares(
        double left0,
        double left1,
        double right0,
        double right1,
        double threshold
    )
    {
        // Information has two equal peaks, at 1.5 and at 4.5; the divergence gain is 1 at one of them.
        using var start = Stump([left0, left1], [right0, right1]);

        using var refined = (ForestPredictor)new StructureTransfer(start).Fit(Rows([1, 2, 3, 4, 5], [0, 1, 1, 1, 0]));

        Assert.Equal(
            threshold < 3 ? [1.0, 0.25, 0.25] : [0.25, 0.25, 1],
            First(refined, [threshold < 3 ? 1.4 : 1.6, threshold < 3 ? 1.6 : 4.4, 4.6])
        );
    }

    [Fact]
    public void Strut_SidesTheOtherWayRound_ExchangesTheChildren()
    {
        // A root on feature 0 whose left child splits feature 1; the target's rows of both classes lie on the right.
        TreeNode[] nodes =
        [
            new(0, 0, 1, 4, [0.75, 0.25]),
            new(1, 0, 2, 3, [0.5, 0.5]),
            new(0, 0, 2, 2, [1, 0]),
            new(0, 0, 3, 3, [0, 1]),
            new(0, 0, 4, 4, [1, 0]),
        ];
        using var start = new ForestPredictor([
            new TreePredictor(nodes, zeros(2, float64), 2, ScoreKind.Probabilities),
        ]);
        var inputs = tensor(
            new double[,]
            {
                { 1, 0 },
                { 2, 0 },
                { 3, 0 },
                { 11, 7 },
                { 12, 5 },
                { 13, 8 },
                { 14, 6 },
            }
        );

        using var refined = (ForestPredictor)
            new StructureTransfer(start).Fit(new LabeledDomain(inputs, tensor(new long[] { 0, 0, 0, 1, 0, 1, 0 })));

        var read = refined.Trees[0].Read();
        Assert.Equal(5, read.Length);
        Assert.Equal(7, read[0].Threshold); // midway between 3 and 11
        Assert.Equal([1.0, 0], read[read[0].Left].Value);
        Assert.Equal(1, read[read[0].Right].Feature);
        Assert.Equal(6.5, read[read[0].Right].Threshold);
        Assert.Equal([5.0 / 7, 2.0 / 7], read[0].Value);
    }

    [Fact]
    public void Strut_ConstantFeature_FollowsTheNearerSide()
    {
        TreeNode[] nodes =
        [
            new(0, 0, 1, 2, [0.75, 0.25]),
            new(0, 0, 1, 1, [1, 0]),
            new(1, 0, 3, 4, [0.5, 0.5]),
            new(0, 0, 3, 3, [1, 0]),
            new(0, 0, 4, 4, [0, 1]),
        ];
        using var start = new ForestPredictor([
            new TreePredictor(nodes, zeros(2, float64), 2, ScoreKind.Probabilities),
        ]);
        var inputs = tensor(
            new double[,]
            {
                { 3, 1 },
                { 3, 2 },
            }
        );

        using var refined = (ForestPredictor)
            new StructureTransfer(start).Fit(new LabeledDomain(inputs, tensor(new long[] { 0, 1 })));

        var read = refined.Trees[0].Read();
        Assert.Equal(3, read.Length);
        Assert.Equal((1L, 1.5), (read[0].Feature, read[0].Threshold));
    }

    [Fact]
    public void Mix_Trees_AreThoseOfBoth()
    {
        var (source, few) = (Blobs(1, 200, 0), Blobs(2, 10, 2));
        using var start = (ForestPredictor)new RandomForest { Trees = 4 }.Fit(source);
        using var ser = (ForestPredictor)new StructureExpansionReduction(start).Fit(few);
        using var strut = (ForestPredictor)new StructureTransfer(start).Fit(few);

        using var mixed = (ForestPredictor)new MixedForest(start).Fit(few);

        Assert.Equal(8, mixed.Trees.Count);
        var expected = (ser.Predict(source.Inputs) + strut.Predict(source.Inputs)) / 2;
        Assert.True(mixed.Predict(source.Inputs).allclose(expected, 1e-12, 1e-12));
    }

    [Fact]
    public void Fit_AFewRowsOfAMovedDomain_ErrLessThanTheForestAsItWas()
    {
        var (source, few, rest) = (Blobs(1, 400, 0), Blobs(2, 30, 2), Blobs(3, 1000, 2));
        using var start = (ForestPredictor)new RandomForest { Trees = 50 }.Fit(source);
        double Error(ILabelLearner learner)
        {
            using var refined = (ForestPredictor)learner.Fit(few);
            return Missed(refined, rest);
        }

        var before = Missed(start, rest);
        Assert.True(before > 0.25, $"{before}");
        Assert.True(Error(Recipes.Ser(start)) < before / 2);
        Assert.True(Error(Recipes.Strut(start)) < before / 2);
        Assert.True(Error(Recipes.Mix(start)) < before / 2);
    }

    [Fact]
    public void Fit_FiftyRowsOfAMovedRing_ErrLessThanAForestOfThemAlone()
    {
        var (source, few, rest) = (Ring(1, 1000, 0), Ring(2, 50, 1), Ring(3, 2000, 1));
        using var start = (ForestPredictor)new RandomForest { Trees = 50 }.Fit(source);
        using var alone = (ForestPredictor)new RandomForest { Trees = 50 }.Fit(few);
        using var strut = (ForestPredictor)Recipes.Strut(start).Fit(few);
        using var mixed = (ForestPredictor)Recipes.Mix(start).Fit(few);

        var least = Math.Min(Missed(alone, rest), Missed(start, rest));
        Assert.True(Missed(strut, rest) < least - 0.05);
        Assert.True(Missed(mixed, rest) < least - 0.05);
    }

    [Fact]
    public void Fit_WeightsOfZero_AreRowsThatAreMissing()
    {
        var (source, few) = (Blobs(1, 100, 0), Blobs(2, 20, 2));
        using var start = (ForestPredictor)new RandomForest { Trees = 3 }.Fit(source);
        var weights = arange(20).lt(14).to(float64);
        using var some = (ForestPredictor)new MixedForest(start).Fit(few.WithWeights(weights));
        using var fewer = (ForestPredictor)
            new MixedForest(start).Fit(new LabeledDomain(few.Inputs.narrow(0, 0, 14), few.Labels.narrow(0, 0, 14)));

        Assert.True(some.Predict(source.Inputs).allclose(fewer.Predict(source.Inputs), 1e-12, 1e-12));
    }

    [Fact]
    public void Fit_OtherRowsOrClasses_AreRefused()
    {
        using var start = Stump([1, 0], [0, 1]);
        var rows = zeros(3, 1, float64);

        Assert.Throws<ArgumentException>(
            "data",
            () => new StructureTransfer(start).Fit(new LabeledDomain(rows, tensor(new long[] { 0, 1, 2 })))
        );
        Assert.Throws<ArgumentException>(
            "data",
            () => new StructureExpansionReduction(start).Fit(new LabeledDomain(rows, rows.squeeze(1)))
        );
        Assert.ThrowsAny<ArgumentException>(() => new MixedForest(start).Fit(Rows([1, 2], [0, 1], width: 2)));
    }

    public void Dispose() => scope.Dispose();

    private static ForestPredictor Ser(ForestPredictor start, double[] rows, long[] labels) =>
        (ForestPredictor)new StructureExpansionReduction(start).Fit(Rows(rows, labels));

    // A split of the only feature at 0.
    private static ForestPredictor Stump(double[] left, double[] right)
    {
        double[] both = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2];
        TreeNode[] nodes = [new(0, 0, 1, 2, both), new(0, 0, 1, 1, left), new(0, 0, 2, 2, right)];
        return new ForestPredictor([new TreePredictor(nodes, zeros(2, float64), 1, ScoreKind.Probabilities)]);
    }

    private static LabeledDomain Rows(double[] rows, long[] labels, long width = 1) =>
        new(tensor(rows).unsqueeze(1).expand(-1, width), tensor(labels));

    private static double[] First(ForestPredictor forest, double[] rows) =>
        forest.Predict(tensor(rows).unsqueeze(1)).select(1, 0).contiguous().data<double>().ToArray();

    // Two classes apart in the first two of four features, which have moved.
    private static LabeledDomain Blobs(long seed, long rows, double moved)
    {
        using var generator = new RandomKey(seed).Generator();
        var labels = arange(rows).remainder(2);
        var inputs = randn([rows, 4], float64, generator: generator);
        var centers = (labels.to(float64) * 3) + moved;
        inputs.narrow(1, 0, 2).add_(centers.unsqueeze(1));
        return new LabeledDomain(inputs, labels);
    }

    // Inside or outside of a ring around the center in the first two of twelve features, which have moved.
    private static LabeledDomain Ring(long seed, long rows, double moved)
    {
        using var generator = new RandomKey(seed).Generator();
        var inputs = randn([rows, 12], float64, generator: generator);
        var labels = inputs.narrow(1, 0, 2).square().sum(1).gt(1.4).to(int64);
        inputs.narrow(1, 0, 2).add_(moved);
        return new LabeledDomain(inputs, labels);
    }

    private static double Missed(ForestPredictor forest, LabeledDomain data) =>
        forest.Predict(data.Inputs).argmax(1).ne(data.Labels).to(float64).mean().item<double>();
}
