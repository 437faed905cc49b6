using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Entropic partial transport: a smooth plan that moves a given share of the mass, and leaves the rest where it is.
/// </summary>
/// <remarks>
/// <c>min sum G C + reg sum G (log G - 1)</c> over <c>G >= 0</c> with row sums of at most a, column sums of at most b
/// and the sum <c>m = share min(sum a, sum b)</c>. The plan is <c>G = exp(f_i + g_j + t - C_ij / reg)</c> with
/// <c>f, g</c> of at most 0. Dykstra's projections onto the three constraints in turns find it (Benamou, Carlier,
/// Cuturi, Nenna and Peyré 2015, "Iterative Bregman Projections for Regularized Transportation Problems", section 5);
/// here the mass is kept while rows are cut, and while columns are: the t of either half of a round is found by
/// sorting, which takes a tenth of the rounds. In the log domain. Costs n m exponentials a round.
/// </remarks>
/// <param name="Regularization">The factor reg of the entropy, in the cost's units, positive. Default 1.</param>
/// <param name="Share">The share of the lighter side's mass that moves, above 0 and at most 1. Default 0.9.</param>
public sealed record EntropicPartialTransport(
    [property: OptionRange(Above = 0)] double Regularization = 1,
    [property: OptionRange(Above = 0, AtMost = 1)] double Share = 0.9
) : ITransportSolver
{
    /// <summary>The largest change of a potential, relative to reg, at which it ends. Default 1e-9.</summary>
    [OptionRange(Above = 0)]
    public double Tolerance { get; init; } = 1e-9;

    /// <summary>
    /// The most rounds; then rows that send too much are cut, and the mass is missed by as much. Default 10,000.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int MaxRounds { get; init; } = 10_000;

    /// <inheritdoc />
    public Tensor Plan(TransportProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Guard.Options(this);
        problem.CheckMemory(nameof(EntropicPartialTransport), 4);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return problem.PlanOfMass(Settled).MoveToOuterDisposeScope();
    }

    private Tensor Settled(TransportProblem problem)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (problem.SourceWeights, problem.TargetWeights);
        var mass = a.sum().minimum(b.sum()) * Share;
        var scores = problem.Cost / -Regularization;
        var (rows, columns) = (zeros_like(a), zeros_like(b));
        var t = zeros_like(mass);
        for (var round = 0; round < MaxRounds; round++)
        {
            problem.Cancellation.ThrowIfCancellationRequested();
            using var roundScope = NewDisposeScope();
            // g alone goes on: t is found again.
            var f = Cut((scores + columns).logsumexp(1), a, mass).Potentials;
            var (g, level) = Cut((scores + f.unsqueeze(1)).logsumexp(0), b, mass);
            var moved = (f - rows).abs().max().maximum((g - columns).abs().max()).item<double>();
            rows.copy_(f);
            columns.copy_(g);
            if (moved <= Tolerance)
            {
                // Out of the round's scope and out of the call's.
                return (scores + f.unsqueeze(1) + (g + level))
                    .exp()
                    .MoveToOuterDisposeScope()
                    .MoveToOuterDisposeScope();
            }
            t.copy_(level);
        }
        RunWarnings.StepLimit(nameof(EntropicPartialTransport), nameof(MaxRounds), MaxRounds, Tolerance);
        var plan = (scores + rows.unsqueeze(1) + (columns + t)).exp();
        return (plan * (a / plan.sum(1).clamp_min(1e-300)).clamp_max(1).unsqueeze(1)).MoveToOuterDisposeScope();
    }

    // Potentials f of at most 0 and one t such that exp(reach + f + t) keeps below the limits and sums to the mass.
    private static (Tensor Potentials, Tensor Level) Cut(Tensor reach, Tensor limits, Tensor mass)
    {
        // sum_i min(limit_i, exp(t + reach_i)) is the least over k of what the k rows that are full first hold, and
        // what the others reach: each k gives a t, and the largest is the one.
        var log = limits.log();
        var order = (log - reach).argsort();
        var inOrder = limits.index_select(0, order);
        var held = inOrder.cumsum(0) - inOrder;
        var others = reach.index_select(0, order).flip(0).logcumsumexp(0).flip(0);
        var level = ((mass - held).clamp_min(0).log() - others).max();
        return ((log - reach - level).clamp_max(0), level);
    }
}
