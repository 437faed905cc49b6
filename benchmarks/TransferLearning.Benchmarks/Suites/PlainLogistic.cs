using static TorchSharp.torch;

namespace TransferLearning.Benchmarks.Suites;

/// <summary>Logistic regression of two classes by Newton's steps, as one writes it in TorchSharp.</summary>
internal static class PlainLogistic
{
    private const int Steps = 30;

    /// <summary>
    /// Minimizes <c>sum_i CE(x_i W + b, y_i) + s^2 ||W||^2 / 2</c>, s the rows' root mean squared distance from their
    /// mean.
    /// </summary>
    /// <param name="rows">Rows <c>[n, d]</c>, float64.</param>
    /// <param name="classes">0 or 1 for each row.</param>
    /// <returns>How the score of class 1 exceeds that of class 0, <c>[n]</c>; it belongs to the caller.</returns>
    public static Tensor Margins(Tensor rows, Tensor classes)
    {
        using var scope = NewDisposeScope();
        var (n, d) = (rows.shape[0], rows.shape[1]);
        var centered = rows - rows.mean([0L]);
        var variance = centered.square().sum() / n;
        var x = cat([centered, ones([n, 1], dtype: float64)], dim: 1);
        // The two columns of W differ in their signs alone: both squares together are half that of their difference.
        var ridge = cat([(variance / 2).expand(d), zeros(1, dtype: float64)]);
        var (y, w) = (classes.to(float64), zeros(d + 1, dtype: float64));
        for (var step = 0; step < Steps; step++)
        {
            var p = x.mv(w).sigmoid();
            var slope = x.t().mv(p - y) + (ridge * w);
            if (slope.abs().max().item<double>() < 1e-9 * n)
            {
                break;
            }
            var curvature = x.t().matmul(x * (p * (1 - p)).unsqueeze(1)) + diag(ridge);
            w -= linalg.solve(curvature, slope);
        }
        return x.mv(w).MoveToOuterDisposeScope();
    }
}
