using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Internal;

public sealed class LimitedMemoryBfgsTests
{
    [Fact]
    public void Minimize_OfASkewBowl_EndsAtItsBottom()
    {
        using var scope = NewDisposeScope();
        var (bottom, steepness) = (tensor(new[] { 3.0, -2, 0.5 }), tensor(new[] { 1.0, 100, 0.01 }));

        var found = LimitedMemoryBfgs.Minimize(
            at => (((at - bottom).square() * steepness).sum() / 2, (at - bottom) * steepness),
            zeros(3, float64),
            1e-9,
            200
        );

        Assert.True(found.allclose(bottom, 0, 1e-6));
    }

    [Theory]
    [InlineData(double.NaN, 1.0)]
    [InlineData(double.PositiveInfinity, 1.0)]
    [InlineData(1.0, double.NaN)]
    [InlineData(1.0, double.NegativeInfinity)]
    public void Minimize_FromWhereNothingIsFinite_SaysSo(double value, double slope)
    {
        using var scope = NewDisposeScope();

        var fault = Assert.Throws<NotFiniteNumberException>(() =>
            LimitedMemoryBfgs.Minimize(
                _ => (tensor(value, float64), tensor(new[] { 0, slope })),
                zeros(2, float64),
                1e-9,
                10,
                "Regression"
            )
        );

        Assert.Contains("Regression: value or gradient are NaN", fault.Message, StringComparison.Ordinal);
    }

    // x - sqrt(x) falls down to 1/4; the square root of less than 0 has no slope.
    [Fact]
    public void Minimize_AcrossWhereTheSlopeIsLost_TakesAShorterStep()
    {
        using var scope = NewDisposeScope();

        var found = LimitedMemoryBfgs.Minimize(
            at => ((at - at.clamp_min(0).sqrt()).sum(), 1 - (0.5 / at.sqrt())),
            full(1, 1.5, float64),
            1e-8,
            100
        );

        Assert.Equal(0.25, found.item<double>(), 1e-6);
    }
}
