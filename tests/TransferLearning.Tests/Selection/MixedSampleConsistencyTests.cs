using TransferLearning.Selection;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Selection;

/// <summary>Mixtures of rows whose classes are known.</summary>
public sealed class MixedSampleConsistencyTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 0.5)]
    [InlineData(-5, 0)]
    public void Between_ABoundaryAtSomePlace_IsTheShareThatAgrees(double boundary, double expected)
    {
        // Rows at -1 and 1 mix to -0.1 and 0.1; a boundary at 0.5 reads both as the lower class.
        var rows = where(arange(400).remainder(2).eq(0), tensor(-1.0), tensor(1.0)).unsqueeze(1);

        Assert.Equal(expected, Score(new MixedSampleConsistency(), rows, x => x.gt(boundary)));
    }

    [Fact]
    public void Within_AClassOfTwoPieces_IsLessThanOne()
    {
        var rows = tensor(new[] { -2.0, 0, 2, 0 }).repeat(100).unsqueeze(1);
        var within = new MixedSampleConsistency { Pairs = MixedPairs.Within };

        // -2 and 2 mix to 0.2, which is read as the other class; half of the pairs of that class are such.
        Assert.Equal(0.75, Score(within, rows, x => x.abs().gt(1)), 0.06);
        Assert.Equal(1, Score(within, rows, x => x.gt(-5)));
    }

    [Fact]
    public void Within_OneRowOfAClass_IsNotItsOwnPair()
    {
        var within = new MixedSampleConsistency { Pairs = MixedPairs.Within };

        Assert.Equal(0, Score(within, tensor(new[] { -1.0, 1 }).unsqueeze(1), x => x.gt(0)));
    }

    [Fact]
    public void Score_OfRowsThatAreNoNumbers_IsRefused()
    {
        var rows = arange(8).unsqueeze(1);

        Assert.Throws<ArgumentException>(() => Score(new MixedSampleConsistency(), rows, x => x.gt(3)));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            Score(new MixedSampleConsistency { Share = 0.5 }, rand(8, 1), x => x.gt(0.5))
        );
        Assert.NotEqual(
            ((IModelScore)new MixedSampleConsistency()).Name,
            ((IModelScore)new MixedSampleConsistency { Pairs = MixedPairs.Within }).Name
        );
    }

    public void Dispose() => scope.Dispose();

    private static double Score(MixedSampleConsistency score, Tensor rows, Func<Tensor, Tensor> rule)
    {
        var source = new LabeledDomain(rows, arange(rows.shape[0]).remainder(2), space: LabelSpace.Classes(2));
        return score.Score(new Rows(), new Rule(rule), new DomainSet([source], new UnlabeledDomain(rows)));
    }

    private sealed class Rows : IFeatureExtractor
    {
        public Tensor Extract(Tensor inputs) => inputs.to(float64);
    }

    private sealed class Rule(Func<Tensor, Tensor> isSecond) : ILabelPredictor
    {
        public Tensor Predict(Tensor features)
        {
            var second = isSecond(features.select(1, 0)).to(float64);
            return stack([1 - second, second], 1);
        }
    }
}
