using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Theory;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Theory;

/// <summary>The test against all permutations counted one by one, its level and its power.</summary>
public sealed class MaximumMeanDiscrepancyTestTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_FewRows_HasThePValueOfAllDeals()
    {
        double[] values = [0, 0.1, 0.35, 1, 1.2, 0.2];
        double Kernel(int i, int j) => Math.Exp(-2 * Math.Pow(values[i] - values[j], 2));
        double Squared(int deal)
        {
            double sum = 0;
            for (var i = 0; i < 6; i++)
            {
                for (var j = 0; j < 6; j++)
                {
                    var isTogether = ((deal >> i) & 1) == ((deal >> j) & 1);
                    sum += (isTogether ? 1 : -1) * Kernel(i, j) / 9;
                }
            }
            return sum;
        }
        var deals = Enumerable.Range(0, 64).Where(deal => int.PopCount(deal) == 3).ToList();
        var seen = Squared(0b000111);
        var exact = deals.Count(deal => Squared(deal) >= seen - 1e-12) / (double)deals.Count;

        var rows = tensor(values).unsqueeze(1);
        var found = new MaximumMeanDiscrepancyTest { Kernels = [new GaussianKernel(2)], Permutations = 4999 }.Of(
            rows.narrow(0, 0, 3),
            rows.narrow(0, 3, 3)
        );

        Assert.Equal(20, deals.Count);
        Assert.InRange(exact, 0.15, 0.9);
        Assert.Equal(seen, found.Statistic, 1e-12);
        Assert.Equal(exact, found.PValue, 0.03); // four standard errors
    }

    [Fact]
    public void Of_SamplesOfTwoSizes_HasTheStatisticOfTheDiscrepancy()
    {
        var (source, target) = (Normal(30, 1, 3), Normal(17, 2, 3) + 0.5);
        IKernel[] kernels = [new GaussianKernel(), new PolynomialKernel(2)];

        var found = new MaximumMeanDiscrepancyTest { Kernels = kernels }.Of(source, target);

        var expected = new MaximumMeanDiscrepancy(kernels).Between(source, target).item<double>();
        Assert.Equal(expected, found.Statistic, 1e-9 * expected);
    }

    [Fact]
    public void Of_AlikeSamples_RejectsAsOftenAsItSays()
    {
        var test = new MaximumMeanDiscrepancyTest { Permutations = 99 };
        var values = Enumerable
            .Range(0, 300)
            .Select(i => test.Of(Normal(12, 2 * i, 2), Normal(9, (2 * i) + 1, 2)).PValue)
            .ToList();

        // Uniform: shares of 300 within four standard errors.
        Assert.Equal(0.1, values.Count(p => p <= 0.1) / 300.0, 0.07);
        Assert.Equal(0.5, values.Count(p => p <= 0.5) / 300.0, 0.115);
    }

    [Fact]
    public void Of_ShiftedSamples_HasTheLeastPValue()
    {
        var found = new MaximumMeanDiscrepancyTest().Of(Normal(60, 1, 2), Normal(50, 2, 2) + 1.5);

        Assert.Equal(0.001, found.PValue, 1e-12);
        Assert.EndsWith("p = 0.001 by 999 permutations", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_EqualRows_HasThePValueOne()
    {
        var rows = Normal(20, 1, 2);

        Assert.Equal(1, new MaximumMeanDiscrepancyTest().Of(rows, rows).PValue);
        Assert.Equal(1, new MaximumMeanDiscrepancyTest().Of(zeros(5, 2), zeros(4, 2)).PValue);
    }

    [Fact]
    public void Of_BadInput_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => new MaximumMeanDiscrepancyTest().Of(zeros(5, 2), zeros(4, 3)));
        Assert.Throws<ArgumentException>(() =>
            new MaximumMeanDiscrepancyTest { Kernels = [] }.Of(zeros(5, 2), zeros(4, 2))
        );
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new MaximumMeanDiscrepancyTest { Permutations = 18 }.Of(zeros(5, 2), zeros(4, 2))
        );
    }

    [Fact]
    public void Of_ShiftedSamplesInATinyUnit_HasTheLeastPValue()
    {
        using var generator = new RandomKey(4).Generator();
        var rows = randn([60, 2], float64, generator: generator) * 1e-7;

        var result = new MaximumMeanDiscrepancyTest { Kernels = [new LinearKernel()] }.Of(
            rows.narrow(0, 0, 30),
            rows.narrow(0, 30, 30) + 3e-7
        );

        Assert.Equal(1.0 / (1 + result.Permutations), result.PValue, 1e-12);
    }

    public void Dispose() => scope.Dispose();

    private static Tensor Normal(long rows, long seed, long features)
    {
        using var generator = new RandomKey(seed).Generator();
        return randn([rows, features], float64, generator: generator);
    }
}
