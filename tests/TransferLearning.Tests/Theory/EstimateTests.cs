using TransferLearning.Evaluation;
using TransferLearning.Theory;

namespace TransferLearning.Tests.Theory;

/// <summary>Intervals against published figures.</summary>
public sealed class EstimateTests
{
    [Fact]
    public void OfShare_IsWilsonsInterval()
    {
        var share = Estimate.OfShare(81, 263);

        // Newcombe 1998, table I.
        Assert.Equal(0.2553, share.Lower, 5e-5);
        Assert.Equal(0.3662, share.Upper, 5e-5);
        var other = AccuracyInterval.Of(81, 263);
        Assert.Equal((other.Value, other.Lower, other.Upper), (share.Value, share.Lower, share.Upper));
    }

    [Fact]
    public void Minus_OfTwoShares_IsNewcombesInterval()
    {
        // Newcombe 1998, "Interval Estimation for the Difference", table II, 56/70 - 48/80 by method 10.
        var difference = Estimate.OfShare(56, 70).Minus(Estimate.OfShare(48, 80));

        Assert.Equal(0.2, difference.Value, 1e-12);
        Assert.Equal(0.0524, difference.Lower, 5e-5);
        Assert.Equal(0.3339, difference.Upper, 5e-5);
    }

    [Fact]
    public void Arithmetic_KeepsTheEndsInOrder()
    {
        var some = new Estimate(0.5, 0.4, 0.7);

        Assert.Equal(new Estimate(-1, -1.4, -0.8), some.Times(-2));
        Assert.Equal(new Estimate(0.6, 0.6, 0.65), some.Within(0.6, 0.65));
        Assert.Equal("0.500 [0.400, 0.700]", some.ToString());
        Assert.Equal("0.500", new Estimate(0.5, double.NaN, double.NaN).ToString());
        var sum = some.Plus(new Estimate(1, 0.925, 1));
        Assert.Equal((1.5, 1.375, 1.7), (sum.Value, Math.Round(sum.Lower, 12), Math.Round(sum.Upper, 12)));
    }
}
