using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Slopes of a convex function whose slopes vary slowly, nearest to wanted ones.</summary>
/// <remarks>
/// <c>min 1/2 sum_i a_i ||h_i - w_i||^2</c> over values f and slopes h with
/// <c>f_i >= f_j + h_j (x_i - x_j) + ||h_i - h_j||^2 / (2 k)</c> for all pairs, which is the case exactly where a
/// convex function with k-Lipschitz slopes has them (Taylor, Hendrickx and Glineur 2017). By the augmented Lagrangian
/// (Rockafellar 1973), each round minimized by <see cref="LimitedMemoryBfgs"/>. Costs <c>n^2 d</c> an evaluation and
/// n^2 memory.
/// </remarks>
internal sealed class ConvexInterpolation
{
    private const int MaxRounds = 40;
    private const int MaxSteps = 300;
    private const double FirstWeight = 10;

    private readonly Tensor rows;
    private readonly Tensor wanted;
    private readonly Tensor masses;
    private readonly double slack;

    private ConvexInterpolation(Tensor rows, Tensor wanted, Tensor masses, double slack) =>
        (this.rows, this.wanted, this.masses, this.slack) = (rows, wanted, masses.unsqueeze(1), slack);

    /// <summary>Values <c>[n]</c> and slopes <c>[n, d]</c>; they belong to the caller's scope.</summary>
    /// <param name="rows">The rows x <c>[n, d]</c>, float64.</param>
    /// <param name="wanted">The wanted slopes w <c>[n, d]</c>.</param>
    /// <param name="masses">The rows' masses a <c>[n]</c>, not negative.</param>
    /// <param name="slack">The Lipschitz constant k, positive.</param>
    /// <param name="tolerance">
    /// How much a constraint may be missed, in mean squared distances of the rows or of the wanted slopes, the larger.
    /// </param>
    /// <param name="context">Cancellation; null for none.</param>
    public static (Tensor Values, Tensor Slopes) Solve(
        Tensor rows,
        Tensor wanted,
        Tensor masses,
        double slack,
        double tolerance,
        FitContext? context
    )
    {
        using var scope = NewDisposeScope();
        var (n, d) = (rows.shape[0], rows.shape[1]);
        // About their means and in units of their spread: neither changes the program, and both keep digits.
        var (centered, middle) = (rows - rows.mean([0L]), wanted.mean([0L]));
        var tilts = wanted - middle;
        static double Spread(Tensor apart) => 2 * apart.square().sum(1).mean().item<double>();
        var unit = Math.Sqrt(Math.Max(Math.Max(Spread(centered), Spread(tilts)), 1e-300));
        var shares = masses / masses.mean().clamp_min(1e-300);
        var problem = new ConvexInterpolation(centered / unit, tilts / unit, shares, slack);
        var point = cat([(problem.rows * problem.wanted).sum(1) / 2, problem.wanted.reshape(-1)]);
        var multipliers = zeros(n, n, dtype: float64, device: rows.device);
        var (weight, before) = (FirstWeight, double.PositiveInfinity);
        for (var round = 0; round < MaxRounds; round++)
        {
            context?.Cancellation.ThrowIfCancellationRequested();
            using var roundScope = NewDisposeScope();
            var price = weight;
            point.copy_(
                LimitedMemoryBfgs.Minimize(at => problem.Augmented(at, multipliers, price), point, 1e-9, MaxSteps)
            );
            var missed = problem.Missed(point.narrow(0, 0, n), point.narrow(0, n, n * d).reshape(n, d));
            multipliers.add_(missed * price).clamp_min_(0);
            var most = missed.max().item<double>();
            if (most <= tolerance)
            {
                break;
            }
            weight = most > before / 4 ? weight * 4 : weight;
            before = most;
        }
        var slopes = (point.narrow(0, n, n * d).reshape(n, d) * unit) + middle;
        var values = (point.narrow(0, 0, n) * (unit * unit)) + centered.mv(middle);
        return (values.MoveToOuterDisposeScope(), slopes.MoveToOuterDisposeScope());
    }

    // By how much each constraint of row i against row j is missed, [n, n]; below 0 where it holds.
    private Tensor Missed(Tensor values, Tensor slopes)
    {
        using var scope = NewDisposeScope();
        var reach = rows.matmul(slopes.t()); // x_i h_j
        var own = reach.diagonal();
        var alike = slopes.matmul(slopes.t());
        var sizes = alike.diagonal();
        var apart = sizes.unsqueeze(1) + sizes - (alike * 2);
        var missed = values - values.unsqueeze(1) + reach - own + (apart / (2 * slack));
        missed.diagonal().fill_(0);
        return missed.MoveToOuterDisposeScope();
    }

    private (Tensor Value, Tensor Gradient) Augmented(Tensor point, Tensor multipliers, double weight)
    {
        var n = rows.shape[0];
        var values = point.narrow(0, 0, n);
        var slopes = point.narrow(0, n, point.shape[0] - n).reshape(n, -1);
        var off = slopes - wanted;
        var pressed = (multipliers + (Missed(values, slopes) * weight)).clamp_min(0);
        pressed.diagonal().fill_(0);
        var value = ((masses * off.square()).sum() / 2) + (pressed.square().sum() / (2 * weight));
        var (ofRows, ofColumns) = (pressed.sum(1), pressed.sum(dim: 0));
        var bonds = ((ofRows + ofColumns).unsqueeze(1) * slopes) - (pressed + pressed.t()).matmul(slopes);
        var bySlopes = (masses * off) + pressed.t().matmul(rows) - (ofColumns.unsqueeze(1) * rows) + (bonds / slack);
        return (value, cat([ofColumns - ofRows, bySlopes.reshape(-1)]));
    }
}
