using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// Minimizes the spectral norm of <c>M(w) = sum_i w_i s_i s_i' - T</c> over the weights <c>w &gt;= 0</c> of sum 1.
/// </summary>
/// <remarks>
/// A barrier method (Boyd and Vandenberghe 2004, chapter 11) in w and the norm's bound b: Newton steps on
/// <c>t b - ln det(b I - M) - ln det(b I + M) - sum ln w_i</c> along <c>sum w = 1</c>, with t growing tenfold. The
/// Hessian in w is <c>(S A^(-1) S')^2 + (S B^(-1) S')^2 + diag(1 / w^2)</c>, squares entry by entry, for
/// <c>A = b I - M</c> and <c>B = b I + M</c>.
/// </remarks>
internal static class SpectralNormProgram
{
    private const double RelativeGap = 1e-9;
    private const int MaxCenterings = 50;

    public static Tensor Solve(Tensor rows, Tensor moments, FitContext context)
    {
        using var scope = NewDisposeScope();
        double n = rows.shape[0];
        double barriers = n + (2 * rows.shape[1]);
        // In units of the larger second moment, so that 1 is a large discrepancy.
        var scale = Math.Max(
            Math.Max(moments.trace().item<double>(), rows.square().sum().item<double>() / n),
            double.Epsilon
        );
        var (s, target) = (rows / Math.Sqrt(scale), moments / scale);
        var weights = full(rows.shape[0], 1 / n, float64, rows.device);
        var bound = (linalg.eigvalsh(Gap(s, target, weights)).abs().max() * 1.5) + 0.1;
        var sharpness = barriers;
        var rounds = Math.Ceiling(Math.Log10(1 / RelativeGap));
        for (var round = 0; round <= rounds; round++, sharpness *= 10)
        {
            context.Report(round / (rounds + 1));
            for (var step = 0; step < MaxCenterings; step++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                using var stepScope = NewDisposeScope();
                // Where the discrepancy can be brought to 0, the Hessian outgrows float64 at a bound of some 1e-8: that
                // is 0 enough.
                if (
                    Newton(s, target, weights, bound, sharpness) is not var (moveWeights, moveBound, decrement)
                    || decrement < 1e-8
                )
                {
                    break;
                }
                var length = Search(s, target, weights, bound, moveWeights, moveBound, sharpness, decrement);
                if (length == 0)
                {
                    break; // at the end of what float64 tells apart
                }
                weights = (weights + (moveWeights * length)).MoveToOuterDisposeScope();
                bound = (bound + (moveBound * length)).MoveToOuterDisposeScope();
            }
        }
        return (weights / weights.sum()).MoveToOuterDisposeScope();
    }

    private static Tensor Gap(Tensor rows, Tensor target, Tensor weights) =>
        (rows * weights.unsqueeze(1)).t().matmul(rows) - target;

    private static (Tensor Weights, Tensor Bound, double Decrement)? Newton(
        Tensor rows,
        Tensor target,
        Tensor weights,
        Tensor bound,
        double sharpness
    )
    {
        var gap = Gap(rows, target, weights);
        var wide = eye(target.shape[0], dtype: float64, device: rows.device) * bound;
        var (below, above) = (linalg.inv(wide - gap), linalg.inv(wide + gap));
        var (ofBelow, ofAbove) = (rows.matmul(below), rows.matmul(above));
        var hessian = ofBelow.matmul(rows.t()).square() + ofAbove.matmul(rows.t()).square();
        hessian.diagonal().add_(weights.square().reciprocal());
        var mixed = ofAbove.square().sum(1) - ofBelow.square().sum(1);
        var corner = below.square().sum() + above.square().sum();
        var slopes = (ofBelow * rows).sum(1) - (ofAbove * rows).sum(1) - weights.reciprocal();
        var slope = sharpness - below.trace() - above.trace();
        // The bound is eliminated with 1'dw = 0: dw = -H^(-1) (g + m db + v 1), two linear equations in db and v.
        var right = stack([slopes, mixed, ones_like(slopes)], 1);
        var (factor, info) = linalg.cholesky_ex(hessian);
        if (info.item<int>() != 0)
        {
            return null;
        }
        var solved = right.cholesky_solve(factor);
        var inner = right.t().matmul(solved);
        var (gm, g1, mm, m1, oneOne) = (inner[0, 1], inner[0, 2], inner[1, 1], inner[1, 2], inner[2, 2]);
        var (a, b) = (corner - mm, gm - slope); // (corner - mm) db - m1 v = gm - slope;  m1 db + oneOne v = -g1
        var determinant = (a * oneOne) + m1.square();
        var moveBound = ((b * oneOne) - (m1 * g1)) / determinant;
        var multiplier = ((g1 * a) + (m1 * b)).neg() / determinant;
        var moveWeights = solved.matmul(stack([ones_like(moveBound), moveBound, multiplier])).neg();
        var decrement = (slopes.dot(moveWeights) + (slope * moveBound)).neg().item<double>() / 2;
        return (moveWeights, moveBound, decrement);
    }

    private static double Search(
        Tensor rows,
        Tensor target,
        Tensor weights,
        Tensor bound,
        Tensor moveWeights,
        Tensor moveBound,
        double sharpness,
        double decrement
    )
    {
        var start = Height(rows, target, weights, bound, sharpness);
        var length = 1.0;
        for (; length > 1e-10; length /= 2)
        {
            var height = Height(
                rows,
                target,
                weights + (moveWeights * length),
                bound + (moveBound * length),
                sharpness
            );
            if (height <= start - (0.02 * length * decrement) + (1e-13 * Math.Abs(start)))
            {
                return length;
            }
        }
        return 0;
    }

    // Infinite outside the barriers.
    private static double Height(Tensor rows, Tensor target, Tensor weights, Tensor bound, double sharpness)
    {
        using var scope = NewDisposeScope();
        var values = linalg.eigvalsh(Gap(rows, target, weights));
        var inside = cat([bound - values, bound + values, weights]);
        return inside.min().item<double>() > 0
            ? ((bound * sharpness) - inside.log().sum()).item<double>()
            : double.PositiveInfinity;
    }
}
