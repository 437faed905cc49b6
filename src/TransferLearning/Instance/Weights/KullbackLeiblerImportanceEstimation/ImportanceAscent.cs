using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>Maximizes <c>mean_j ln (A alpha)_j</c> over <c>b'alpha = 1</c>, <c>alpha &gt;= 0</c>.</summary>
/// <param name="steps">The most steps.</param>
/// <param name="length">The factor of the mean's gradient in the gradient methods.</param>
/// <param name="tolerance">The gain below which a climb ends.</param>
/// <param name="cancellation">Stops the climb.</param>
internal sealed class ImportanceAscent(int steps, double length, double tolerance, CancellationToken cancellation)
{
    /// <summary>The best coefficients <c>[l]</c>.</summary>
    /// <param name="a">Kernel values of target rows and centers, <c>[m, l]</c>.</param>
    /// <param name="b">Mean kernel values of source rows and centers, <c>[l]</c>, positive.</param>
    /// <param name="solver">Which way up.</param>
    public Tensor Climb(Tensor a, Tensor b, ImportanceSolver solver)
    {
        using var scope = NewDisposeScope();
        var even = (b * b.shape[0]).reciprocal();
        return (
            solver switch
            {
                ImportanceSolver.ExpectationMaximization => Multiplicative(a, b, even),
                ImportanceSolver.FrankWolfe => FrankWolfe(a, b, even),
                ImportanceSolver.ProjectedGradient => Gradient(a, Projected(even, b), point => Projected(point, b)),
                _ => Gradient(a, Feasible(ones_like(b), b), point => Feasible(point, b)),
            }
        ).MoveToOuterDisposeScope();
    }

    private Tensor Multiplicative(Tensor a, Tensor b, Tensor start)
    {
        var alpha = start;
        for (var step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stepScope = NewDisposeScope();
            var slopes = Slopes(a, b, alpha);
            if (slopes.max().item<double>() - 1 <= tolerance)
            {
                break;
            }
            alpha = (alpha * slopes).MoveToOuterDisposeScope();
        }
        return alpha / alpha.dot(b); // the sum of the shares, but for rounding
    }

    private Tensor FrankWolfe(Tensor a, Tensor b, Tensor start)
    {
        var alpha = start;
        for (var step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stepScope = NewDisposeScope();
            var slopes = Slopes(a, b, alpha);
            var best = slopes.argmax();
            if (slopes[best].item<double>() - 1 <= tolerance)
            {
                break;
            }
            var share = 2.0 / (step + 2);
            alpha = (alpha * (1 - share)).index_add_(0, best.reshape(1), share / b.index_select(0, best.reshape(1)), 1);
            alpha.MoveToOuterDisposeScope();
        }
        return alpha;
    }

    // The slope toward each center's vertex. That along alpha itself is 1, so that the steepest one bounds what is left
    // to gain.
    private static Tensor Slopes(Tensor a, Tensor b, Tensor alpha) => a.t().mv(Inverse(a.mv(alpha))) / (b * a.shape[0]);

    private Tensor Gradient(Tensor a, Tensor start, Func<Tensor, Tensor> project)
    {
        var alpha = start;
        var (value, heights) = Height(a, alpha);
        for (var step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stepScope = NewDisposeScope();
            var next = project(alpha + (a.t().mv(Inverse(heights)) * (length / a.shape[0])));
            var (nextValue, nextHeights) = Height(a, next);
            if (!(nextValue - value > tolerance))
            {
                break;
            }
            (alpha, heights) = (next.MoveToOuterDisposeScope(), nextHeights.MoveToOuterDisposeScope());
            value = nextValue;
        }
        return alpha;
    }

    private static (double Value, Tensor Heights) Height(Tensor a, Tensor alpha)
    {
        var heights = a.mv(alpha);
        return (heights.clamp_min(1e-200).log().mean().item<double>(), heights);
    }

    private static Tensor Inverse(Tensor heights) => heights.clamp_min(1e-200).reciprocal();

    private static Tensor Feasible(Tensor alpha, Tensor b)
    {
        var cut = (alpha + (b * ((1 - b.dot(alpha)) / b.dot(b)))).clamp_min(0);
        return cut / b.dot(cut);
    }

    // Sort by alpha / b; the multiplier is the last one that leaves its own entry positive.
    private static Tensor Projected(Tensor alpha, Tensor b)
    {
        var (ratios, order) = (alpha / b).sort(0, descending: true);
        var sorted = b.index_select(0, order);
        var squares = sorted.square();
        var multipliers = ((ratios * squares).cumsum(0) - 1) / squares.cumsum(0);
        var last = ratios.gt(multipliers).to(int64).sum() - 1;
        return (alpha - (b * multipliers[last])).clamp_min(0);
    }
}
