using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Exact partial transport: the cheapest plan that moves a given share of the mass, and leaves the rest where it is, so
/// that outliers and classes that the other domain lacks need no partner.
/// </summary>
/// <remarks>
/// <c>min sum_ij G_ij C_ij</c> over <c>G >= 0</c> with row sums of at most a, column sums of at most b and the sum
/// <c>m = share min(sum a, sum b)</c> (Caffarelli and McCann 2010, "Free Boundaries in Optimal Transport and
/// Monge-Ampère Obstacle Problems"). A further row and a further column take what stays: each costs nothing, and the
/// way from the one to the other costs more than any plan gains by it, so that an <see cref="ExactTransport"/> of the
/// larger problem is the answer (Chapel, Alaya and Gasso 2020, "Partial Optimal Transport with Applications on
/// Positive-Unlabeled Learning", proposition 1). The masses of the two sides may differ. Costs an exact plan.
/// </remarks>
/// <param name="Share">The share of the lighter side's mass that moves, above 0 and at most 1. Default 0.9.</param>
public sealed record PartialTransport([property: OptionRange(Above = 0, AtMost = 1)] double Share = 0.9)
    : ITransportSolver
{
    internal const double Trifle = 1e-12;

    /// <inheritdoc />
    public Tensor Plan(TransportProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Guard.Options(this);
        problem.CheckMemory(nameof(PartialTransport), 5);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (a, b) = (problem.SourceWeights, problem.TargetWeights);
        var (ofSource, ofTarget) = (a.sum(), b.sum());
        var moved = ofSource.minimum(ofTarget) * Share;
        // The mass that moves is fixed, so that a constant on all costs changes nothing.
        var cost = problem.Cost - problem.Cost.min();
        var (n, m) = (cost.shape[0], cost.shape[1]);
        var largest = cost.max();
        var wide = zeros([n + 1, m + 1], float64, cost.device);
        wide.narrow(0, 0, n).narrow(1, 0, m).copy_(cost);
        wide[n, m] = where(largest.gt(0), largest * 2, ones_like(largest));
        var plan = new ExactTransport().Plan(
            new TransportProblem(wide, WithRest(a, ofTarget - moved), WithRest(b, ofSource - moved))
            {
                Cancellation = problem.Cancellation,
            }
        );
        var kept = plan.narrow(0, 0, n).narrow(1, 0, m);
        // A row that stays would go with what rounding leaves of it.
        var least = a.unsqueeze(1).minimum(b) * Trifle;
        return kept.masked_fill(kept.lt(least), 0).MoveToOuterDisposeScope();
    }

    // The masses of one side, and what stays of the other.
    private static Tensor WithRest(Tensor masses, Tensor rest) => cat([masses, rest.clamp_min(0).unsqueeze(0)]);
}
