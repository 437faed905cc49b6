using TransferLearning.Theory;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Theory;

/// <summary>Rows whose complexity is known in closed form, or by a loop over all signs.</summary>
public sealed class RademacherComplexityTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(400)]
    public void OfLinear_OfRowsAtRightAngles_IsTheNormOverTheRootOfTheirNumber(int n)
    {
        // Whatever the signs, the sum is of length sqrt(n).
        var found = RademacherComplexity.OfLinear(eye(n, dtype: float64), norm: 3);

        Assert.Equal(3 / Math.Sqrt(n), found.Value, 1e-12);
        Assert.Equal(found.Value, found.Lower, 1e-12);
        Assert.Equal(found.Value, found.Upper, 1e-12);
    }

    [Fact]
    public void OfLinear_OfFewRows_IsTheMeanOverAllSigns()
    {
        double[][] rows =
        [
            [1, 2],
            [-0.5, 3],
            [2, -1],
            [0, 0.25],
        ];
        var sum = 0.0;
        for (var signs = 0; signs < 16; signs++)
        {
            double x = 0,
                y = 0;
            for (var i = 0; i < 4; i++)
            {
                var sign = (signs & (1 << i)) == 0 ? -1 : 1;
                (x, y) = (x + (sign * rows[i][0]), y + (sign * rows[i][1]));
            }
            sum += Math.Sqrt((x * x) + (y * y));
        }

        var found = RademacherComplexity.OfLinear(tensor(rows.SelectMany(row => row).ToArray()).reshape(4, 2), 0.5);

        Assert.Equal(0.5 * sum / 16 / 4, found.Value, 1e-12);
    }

    [Fact]
    public void OfLinear_OfEqualRows_IsTheMeanStepOfARandomWalk()
    {
        // E |s_1 + ... + s_50| / 50 = C(49, 25) / 2^49.
        var expected = Math.Pow(2, -49);
        for (var i = 1; i <= 25; i++)
        {
            expected *= (50.0 - i) / i;
        }

        var found = RademacherComplexity.OfLinear(ones(50, 1), draws: 20_000, confidence: 0.999);

        Assert.InRange(expected, found.Lower, found.Upper);
        Assert.True(found.Upper - found.Lower < 0.05 * expected);
        Assert.Equal(found, RademacherComplexity.OfLinear(ones(50, 1), draws: 20_000, confidence: 0.999));
    }

    [Fact]
    public void OfLinear_OfAnyRows_LiesWithinItsLimitsWhateverTheWidth()
    {
        using var generator = new RandomKey(4).Generator();
        foreach (var width in new[] { 1, 5, 500 })
        {
            var rows = randn([60, width], float64, generator: generator) / Math.Sqrt(width);
            var most = rows.square().sum().sqrt().item<double>() / 60;

            var found = RademacherComplexity.OfLinear(rows);

            Assert.InRange(found.Value, most / Math.Sqrt(2), most);
            Assert.Equal(4 * found.Value, RademacherComplexity.OfLinear(rows * 2, norm: 2).Value, 1e-12);
        }
    }

    [Fact]
    public void OfLinear_OfBadInput_IsRefused()
    {
        Assert.Throws<ArgumentException>("rows", () => RademacherComplexity.OfLinear(zeros(3)));
        Assert.Throws<ArgumentOutOfRangeException>("norm", () => RademacherComplexity.OfLinear(eye(3), 0));
        Assert.Throws<ArgumentOutOfRangeException>("draws", () => RademacherComplexity.OfLinear(eye(3), draws: 1));
    }

    public void Dispose() => scope.Dispose();
}
