using System.Globalization;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// Minimizes <c>1/2 x'Px - q'x</c> over <c>0 &lt;= x &lt;= upper</c>, <c>least &lt;= sum x &lt;= most</c>, for positive
/// semi-definite P; the upper bounds are one or one for each entry.
/// </summary>
/// <remarks>
/// A primal-dual interior-point method with Mehrotra's predictor and corrector (Mehrotra 1992; Nocedal and Wright 2006,
/// chapter 16). The four groups of constraints add a diagonal and a multiple of the all-ones matrix to P, and a step
/// takes one factor of that sum, which <see cref="QuadraticForm"/> gives: n^3/3 operations for a matrix P, n r^2 for
/// one of rank r. It takes 10 to 25 steps for most problems; some 40 where nearly all entries end at a bound, which is
/// what <see cref="ActiveSetProgram"/> is for.
/// </remarks>
internal static class BoxQuadraticProgram
{
    private const int MaxSteps = 100;
    private const double Tolerance = 1e-10;
    private const double MinRoom = 1e-9;

    /// <summary>Solves the program in float64.</summary>
    /// <param name="p">The matrix P <c>[n, n]</c>, whole or by its factor.</param>
    /// <param name="q">The vector q <c>[n]</c>.</param>
    /// <param name="upper">The upper bound of every entry.</param>
    /// <param name="least">The least sum.</param>
    /// <param name="most">The largest sum.</param>
    /// <param name="context">Cancellation and progress.</param>
    /// <param name="isUnitFree">
    /// Whether P and q are plain numbers; of squared lengths the solution is as exact in a small unit.
    /// </param>
    /// <exception cref="InvalidOperationException">The steps do not settle.</exception>
    public static Tensor Solve(
        QuadraticForm p,
        Tensor q,
        double upper,
        double least,
        double most,
        FitContext context,
        bool isUnitFree = true
    )
    {
        using var scope = NewDisposeScope();
        // Within all constraints: from a start that breaks that of the sum some ten steps are spent on it alone.
        var middle = (least + most) / 2 / q.shape[0];
        var x = full_like(q, middle < upper ? middle : upper / 2);
        return Solve(p, q, full_like(q, upper), x, least, most, context, isUnitFree).MoveToOuterDisposeScope();
    }

    /// <summary>Solves the program with an upper bound for each entry.</summary>
    /// <param name="p">The matrix P <c>[n, n]</c>, whole or by its factor.</param>
    /// <param name="q">The vector q <c>[n]</c>.</param>
    /// <param name="upper">The upper bounds <c>[n]</c>, positive.</param>
    /// <param name="least">The least sum.</param>
    /// <param name="most">The largest sum.</param>
    /// <param name="context">Cancellation and progress.</param>
    /// <param name="isUnitFree">
    /// Whether P and q are plain numbers; of squared lengths the solution is as exact in a small unit.
    /// </param>
    /// <exception cref="InvalidOperationException">The steps do not settle.</exception>
    public static Tensor Solve(
        QuadraticForm p,
        Tensor q,
        Tensor upper,
        double least,
        double most,
        FitContext context,
        bool isUnitFree = true
    )
    {
        using var scope = NewDisposeScope();
        var share = (least + most) / 2 / upper.sum().item<double>();
        var x = upper * (share < 1 ? share : 0.5);
        return Solve(p, q, upper, x, least, most, context, isUnitFree).MoveToOuterDisposeScope();
    }

    private static Tensor Solve(
        QuadraticForm p,
        Tensor q,
        Tensor bounds,
        Tensor x,
        double least,
        double most,
        FitContext context,
        bool isUnitFree
    )
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var n = q.shape[0];
        var upper = bounds.max().item<double>();
        // A sum that is given to the digit leaves the method no interior to walk in.
        least = Math.Min(least, most * (1 - MinRoom));
        // Rows of the constraints G x <= h in order: -x <= 0, x <= upper, -sum <= -least, sum <= most.
        var h = cat([zeros_like(q), bounds, tensor([-least, most], dtype: float64, device: q.device)]);
        var unit = isUnitFree ? 1 : Math.Min(1, p.Trace().item<double>() / n);
        unit = unit > 0 ? unit : 1; // P and q are 0
        var scale = Math.Max(unit, q.abs().max().item<double>());
        var slack = (h - Constraints(x, x.sum())).clamp_min(1e-2 * Math.Max(1, upper * 1e-2));
        var dual = full_like(h, scale) / slack.clamp_min(1);
        var settled = false;
        for (var step = 0; step < MaxSteps; step++)
        {
            using var stepScope = NewDisposeScope();
            context.Report((double)step / MaxSteps);
            var px = p.Times(x);
            var residualDual = px - q + Transposed(dual, n);
            var residualPrimal = Constraints(x, x.sum()) + slack - h;
            var products = slack * dual;
            var gap = products.mean().item<double>();
            var worst = Math.Max(
                residualDual.abs().max().item<double>() / scale,
                residualPrimal.abs().max().item<double>() / Math.Max(1, Math.Max(upper, most))
            );
            // The largest product, not their mean: of many rows one may lag behind.
            if (products.max().item<double>() < Tolerance * Math.Max(unit, scale * 1e-2) && worst < Tolerance * 10)
            {
                settled = true;
                break;
            }
            var ratio = dual / slack;
            var system = p.Factor(
                ratio.narrow(0, 0, n) + ratio.narrow(0, n, n),
                ratio.narrow(0, 2 * n, 2).sum(),
                context.Cancellation
            );
            var affine = Direction(system, residualDual, residualPrimal, products, slack, dual, ratio, n);
            var length = StepLength(slack, affine.Slack, dual, affine.Dual);
            var affineGap =
                (slack + (affine.Slack * length)).dot(dual + (affine.Dual * length)).item<double>() / h.shape[0];
            var centering = Math.Pow(affineGap / gap, 3);
            var complement = products + (affine.Slack * affine.Dual) - (centering * gap);
            var move = Direction(system, residualDual, residualPrimal, complement, slack, dual, ratio, n);
            var taken = 0.99 * StepLength(slack, move.Slack, dual, move.Dual);
            x = (x + (move.X * taken)).MoveToOuterDisposeScope();
            slack = (slack + (move.Slack * taken)).MoveToOuterDisposeScope();
            dual = (dual + (move.Dual * taken)).MoveToOuterDisposeScope();
        }
        return settled
            ? x.clamp_min(0).minimum(bounds).MoveToOuterDisposeScope()
            : throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the quadratic program of {n} entries between 0 and {upper}, of a sum from {least} to {most}, "
                        + $"did not settle in {MaxSteps} steps."
                )
            );
    }

    private static Tensor Constraints(Tensor x, Tensor sum) => cat([-x, x, -sum.reshape(1), sum.reshape(1)]);

    private static Tensor Transposed(Tensor dual, long n) =>
        dual.narrow(0, n, n) - dual.narrow(0, 0, n) + (dual.narrow(0, (2 * n) + 1, 1) - dual.narrow(0, 2 * n, 1));

    private static (Tensor X, Tensor Slack, Tensor Dual) Direction(
        Func<Tensor, (Tensor X, Tensor Sum)> solve,
        Tensor residualDual,
        Tensor residualPrimal,
        Tensor complement,
        Tensor slack,
        Tensor dual,
        Tensor ratio,
        long n
    )
    {
        var right = -residualDual - Transposed((ratio * residualPrimal) - (complement / slack), n);
        var (x, sum) = solve(right);
        var slackMove = -residualPrimal - Constraints(x, sum);
        var dualMove = -(complement / slack) - (ratio * slackMove);
        return (x, slackMove, dualMove);
    }

    private static double StepLength(Tensor slack, Tensor slackMove, Tensor dual, Tensor dualMove) =>
        Math.Min(1, Math.Min(Longest(slack, slackMove), Longest(dual, dualMove)));

    private static double Longest(Tensor value, Tensor move)
    {
        var limits = where(move < 0, value / -move, full_like(move, double.PositiveInfinity));
        return limits.min().item<double>();
    }
}
