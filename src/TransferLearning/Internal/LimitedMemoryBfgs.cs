using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// Limited-memory BFGS (Nocedal 1980) for smooth functions of one vector, with a weak Wolfe line search.
/// </summary>
internal static class LimitedMemoryBfgs
{
    private const int Memory = 10;

    /// <summary>Minimizes a function.</summary>
    /// <param name="function">Value (scalar) and gradient at a point.</param>
    /// <param name="start">The first point; it stays as it is.</param>
    /// <param name="tolerance">The largest gradient entry at which the search ends.</param>
    /// <param name="maxSteps">The most steps.</param>
    /// <param name="solver">
    /// Who warns where the steps did not do, by its options MaxSteps and Tolerance; null where that is not meant.
    /// </param>
    /// <exception cref="NotFiniteNumberException">
    /// Value or gradient are NaN or infinite at the first point, so that there is no way down from it.
    /// </exception>
    public static Tensor Minimize(
        Func<Tensor, (Tensor Value, Tensor Gradient)> function,
        Tensor start,
        double tolerance,
        int maxSteps,
        string? solver = null
    )
    {
        using var scope = NewDisposeScope();
        var pairs = new LinkedList<(Tensor Move, Tensor Change, double Curvature)>();
        var point = start.clone();
        var (value, gradient) = Evaluate(function, point);
        if (!double.IsFinite(value) || !double.IsFinite(gradient.abs().max().item<double>()))
        {
            throw new NotFiniteNumberException(
                $"{solver ?? "the objective"}: value or gradient are NaN or infinite where the search starts. Look for "
                    + "NaN and infinite values in the rows, and bring the features to mean 0 and variance 1."
            );
        }
        for (var step = 0; gradient.abs().max().item<double>() > tolerance; step++)
        {
            Canceling.Check();
            if (step == maxSteps)
            {
                if (solver is not null)
                {
                    RunWarnings.StepLimit(solver, "MaxSteps", maxSteps, tolerance);
                }
                break;
            }
            using var stepScope = NewDisposeScope();
            var direction = Direction(gradient, pairs);
            var first = step == 0 ? Math.Min(1, 1 / gradient.norm().item<double>()) : 1;
            if (Search(function, point, value, gradient, direction, first) is not { } found)
            {
                break; // no descent to be had at this precision
            }
            var move = (found.Point - point).MoveToOuterDisposeScope();
            var change = (found.Gradient - gradient).MoveToOuterDisposeScope();
            var curvature = move.dot(change).item<double>();
            if (curvature > 1e-300)
            {
                pairs.AddLast((move, change, curvature));
                if (pairs.Count > Memory)
                {
                    pairs.First!.Value.Move.Dispose();
                    pairs.First.Value.Change.Dispose();
                    pairs.RemoveFirst();
                }
            }
            point.Dispose();
            gradient.Dispose();
            point = found.Point.MoveToOuterDisposeScope();
            gradient = found.Gradient.MoveToOuterDisposeScope();
            value = found.Value;
        }
        return point.MoveToOuterDisposeScope();
    }

    private static (double Value, Tensor Gradient) Evaluate(
        Func<Tensor, (Tensor Value, Tensor Gradient)> function,
        Tensor point
    )
    {
        using var scope = NewDisposeScope();
        var (value, gradient) = function(point);
        return (value.item<double>(), gradient.MoveToOuterDisposeScope());
    }

    // The two-loop recursion.
    private static Tensor Direction(Tensor gradient, LinkedList<(Tensor Move, Tensor Change, double Curvature)> pairs)
    {
        var q = gradient.neg();
        var shares = new Stack<double>();
        for (var node = pairs.Last; node is not null; node = node.Previous)
        {
            var (move, change, curvature) = node.Value;
            var share = move.dot(q).item<double>() / curvature;
            q -= change * share;
            shares.Push(share);
        }
        if (pairs.Last is { } last)
        {
            q *= last.Value.Curvature / last.Value.Change.square().sum().item<double>();
        }
        foreach (var (move, change, curvature) in pairs)
        {
            q += move * (shares.Pop() - (change.dot(q).item<double>() / curvature));
        }
        return q;
    }

    // Bisection between too long (no sufficient decrease) and too short (still steep).
    private static (Tensor Point, double Value, Tensor Gradient)? Search(
        Func<Tensor, (Tensor Value, Tensor Gradient)> function,
        Tensor point,
        double value,
        Tensor gradient,
        Tensor direction,
        double length
    )
    {
        var slope = gradient.dot(direction).item<double>();
        if (slope >= 0)
        {
            return null;
        }
        var (shortest, longest) = (0.0, double.PositiveInfinity);
        for (var attempt = 0; attempt < 40; attempt++)
        {
            Canceling.Check();
            var next = point + (direction * length);
            var (nextValue, nextGradient) = Evaluate(function, next);
            var nextSlope = nextGradient.dot(direction).item<double>();
            if (!(nextValue <= value + (1e-4 * length * slope)) || double.IsNaN(nextSlope))
            {
                longest = length;
            }
            else if (nextSlope < 0.9 * slope)
            {
                shortest = length;
            }
            else
            {
                return (next, nextValue, nextGradient);
            }
            length = double.IsPositiveInfinity(longest) ? 2 * length : (shortest + longest) / 2;
        }
        return null;
    }
}
