using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Instance;

/// <summary>
/// The program behind kernel mean matching against the conditions that mark its optimum (Karush, Kuhn and Tucker).
/// </summary>
public sealed class BoxQuadraticProgramTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Theory]
    [InlineData(1, 1, 2.0, 0.0, 5.0)]
    [InlineData(30, 1, 3.0, 20.0, 40.0)]
    [InlineData(30, 60, 1000.0, 25.0, 35.0)] // P of full rank
    [InlineData(30, 5, 1.05, 28.0, 31.0)] // bounds that hardly leave room
    [InlineData(200, 10, 1.0, 0.0, 50.0)] // the sum binds from above
    [InlineData(1000, 8, 5.0, 900.0, 1100.0)]
    [InlineData(600, 900, 2.0, 594.0, 606.0)] // the sum hardly leaves room
    [InlineData(300, 400, 2.0, 300.0, 300.0)] // the sum is given
    public void Solve_RandomProgramme_MeetsTheOptimumsConditions(
        int n,
        int rank,
        double upper,
        double least,
        double most
    )
    {
        var (root, q) = Program(n, rank);
        var p = root.matmul(root.t());

        MeetsTheConditions(QuadraticForm.Of(p), p, q, upper, least, most);
        MeetsTheConditions(QuadraticForm.OfFactor(root), p, q, upper, least, most);
    }

    [Theory]
    [InlineData(1, 1.0, 1.0, 1.0)]
    [InlineData(40, 1.0, 40.0, 40.0)]
    [InlineData(50, 0.9, 45.0, 55.0)]
    public void Solve_UpperBoundsThatJustReachTheSum_GivesThem(int n, double upper, double least, double most)
    {
        var (root, q) = Program(n, n + 10);

        var x = BoxQuadraticProgram.Solve(QuadraticForm.OfFactor(root), q, upper, least, most, new FitContext());
        var whole = QuadraticForm.Of(root.matmul(root.t()));
        var y = BoxQuadraticProgram.Solve(whole, q, upper, least, most, new FitContext());

        Assert.True(x.allclose(full_like(x, upper), 1e-6, 1e-6));
        Assert.True(y.allclose(x, 1e-6, 1e-6));
    }

    [Fact]
    public void Solve_Canceled_Throws()
    {
        var (root, q) = Program(5, 2);
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            BoxQuadraticProgram.Solve(
                QuadraticForm.OfFactor(root),
                q,
                1,
                0,
                5,
                new FitContext { Cancellation = cancellation.Token }
            )
        );
    }

    [Fact]
    public void Factor_OfALowRankForm_SolvesAsTheMatrixDoes()
    {
        var (root, right) = Program(40, 6);
        var diagonal = (right * 3).exp();
        var constant = tensor(2.5, dtype: float64);
        var whole = QuadraticForm.Of(root.matmul(root.t())).Factor(diagonal, constant, CancellationToken.None)(right);
        var factored = QuadraticForm.OfFactor(root).Factor(diagonal, constant, CancellationToken.None)(right);
        Assert.True(factored.X.allclose(whole.X, 1e-9, 1e-12));
        Assert.Equal(whole.X.sum().item<double>(), factored.Sum.item<double>(), 1e-9);
        Assert.Equal(whole.X.sum().item<double>(), whole.Sum.item<double>(), 1e-9);
    }

    public void Dispose() => scope.Dispose();

    private static void MeetsTheConditions(
        QuadraticForm form,
        Tensor p,
        Tensor q,
        double upper,
        double least,
        double most
    )
    {
        var x = BoxQuadraticProgram.Solve(form, q, upper, least, most, new FitContext());

        var sum = x.sum().item<double>();
        Assert.True(x.min().item<double>() >= 0 && x.max().item<double>() <= upper);
        Assert.InRange(sum, least - 1e-6, most + 1e-6);
        // With the sum's multiplier v the slope g + v is 0 between the bounds, not negative at 0, not positive at the
        // upper bound.
        var slope = p.mv(x) - q;
        var multiplier = Multiplier(slope, x, upper, sum, least, most);
        var rest = (slope + multiplier) / Math.Max(1, q.abs().max().item<double>());
        var (low, high) = (x < 1e-5 * upper, x > upper * (1 - 1e-5));
        var inside = low.logical_or(high).logical_not();
        Assert.True(where(inside, rest.abs(), zeros_like(rest)).max().item<double>() < 1e-5);
        Assert.True(where(low, rest, zeros_like(rest)).min().item<double>() > -1e-5);
        Assert.True(where(high, rest, zeros_like(rest)).max().item<double>() < 1e-5);
    }

    private static (Tensor Root, Tensor Q) Program(int n, int rank)
    {
        using var generator = new RandomKey((n * 1000) + rank).Generator();
        var root = randn([n, rank], dtype: float64, generator: generator);
        return (root / Math.Sqrt(rank), randn([n], dtype: float64, generator: generator) + 1);
    }

    // Zero where the sum does not bind; else read off the entries between their bounds.
    private static double Multiplier(Tensor slope, Tensor x, double upper, double sum, double least, double most)
    {
        if (sum > least + 1e-4 && sum < most - 1e-4)
        {
            return 0;
        }
        var between = (x > 1e-5 * upper).logical_and(x < upper * (1 - 1e-5));
        return -(where(between, slope, zeros_like(slope)).sum() / between.sum()).item<double>();
    }
}
