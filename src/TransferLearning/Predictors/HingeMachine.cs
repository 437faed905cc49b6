using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// A support vector machine with the hinge loss on a kernel matrix, a cost for each row, by its dual.
/// </summary>
/// <remarks>
/// <c>max sum a - 1/2 (a o y)' K (a o y)</c> over <c>0 &lt;= a_i &lt;= C_i</c>, <c>y'a = 0</c>. With <c>x_i = y_i
/// a_i</c>, moved up by <c>C_i</c> where y is -1, bounds are 0 and <c>C_i</c> and the sum is that of the negative rows'
/// costs.
/// </remarks>
internal static class HingeMachine
{
    private const double Inside = 1e-6;
    private const double FirstCap = 100;

    /// <summary>The products <c>a o y</c> <c>[n]</c> and the intercept, a scalar.</summary>
    /// <param name="kernel">K <c>[n, n]</c>, float64.</param>
    /// <param name="signs">y <c>[n]</c>, 1 and -1.</param>
    /// <param name="costs">C <c>[n]</c>, positive.</param>
    /// <param name="cancellation">Stops it.</param>
    public static (Tensor Multipliers, Tensor Intercept) Fit(
        Tensor kernel,
        Tensor signs,
        Tensor costs,
        CancellationToken cancellation = default
    )
    {
        using var scope = NewDisposeScope();
        var isNegative = signs.lt(0).to(float64);
        var negative = (costs * isNegative).sum().item<double>();
        if (negative == 0 || negative == costs.sum().item<double>())
        {
            // No row of the class, or none but its rows.
            return (zeros_like(signs).MoveToOuterDisposeScope(), signs[0].clone().MoveToOuterDisposeScope());
        }
        var quiet = new FitContext { Cancellation = cancellation };
        // Where y'a = 0 the centered kernel has the same solution, and none of the digits that rows far from 0 cost.
        var means = kernel.mean([0L], keepdim: true);
        var centered = kernel - means - means.t() + means.mean();
        // In units of the kernel, and with bounds that rise only as far as the multipliers do: of bounds far above them
        // the program's relative tolerances would leave nothing.
        var unit = Math.Max(1, centered.diagonal().mean().item<double>());
        var (scaled, bounds) = (centered / unit, costs * unit);
        var form = QuadraticForm.Of(scaled);
        for (var cap = FirstCap; ; cap *= FirstCap)
        {
            Canceling.Check();
            using var turn = NewDisposeScope();
            var upper = bounds.clamp_max(cap);
            var moved = upper * isNegative;
            var sum = moved.sum().item<double>();
            var multipliers = BoxQuadraticProgram.Solve(form, signs + scaled.mv(moved), upper, sum, sum, quiet) - moved;
            if (!upper.lt(bounds).logical_and(multipliers.abs().gt(cap / 2)).any().item<bool>())
            {
                var intercept = Intercept(kernel / unit, signs, upper, multipliers);
                return (
                    (multipliers / unit).MoveToOuterDisposeScope().MoveToOuterDisposeScope(),
                    intercept.MoveToOuterDisposeScope().MoveToOuterDisposeScope()
                );
            }
        }
    }

    // Rows between their bounds lie on the margin; without any, the middle of what the others allow.
    private static Tensor Intercept(Tensor kernel, Tensor signs, Tensor costs, Tensor multipliers)
    {
        var gaps = signs - kernel.mv(multipliers);
        var shares = (multipliers.abs() / costs).clamp(0, 1);
        var inside = shares * (1 - shares);
        // By cost as well: of a row that costs nothing the multiplier is rounding.
        inside = where(inside > Inside, inside * costs, zeros_like(inside));
        if (inside.sum().item<double>() > 0)
        {
            return (inside * gaps).sum() / inside.sum();
        }
        // b is at least the gap of positive rows at 0 and of negative ones at C, at most that of the others.
        var isLower = shares.lt(0.5).eq(signs.gt(0));
        var least = where(isLower, gaps, full_like(gaps, double.NegativeInfinity)).max();
        var most = where(isLower, full_like(gaps, double.PositiveInfinity), gaps).min();
        return where(least.isfinite(), where(most.isfinite(), (least + most) / 2, least), most);
    }
}
