using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Class-regularized entropic transport with a concave penalty on what each class sends to a target row.
/// </summary>
/// <remarks>
/// <c>min sum G C + reg sum G log G + eta sum_j sum_c (sum_(rows of class c) G_ij + 1e-3)^(1/2)</c> by majorization:
/// each round replaces the penalty by its tangent <c>eta/2 (sum G + 1e-3)^(-1/2)</c> in the cost and solves an
/// <see cref="EntropicTransport"/> (Courty, Flamary and Tuia 2014, "Domain Adaptation with Regularized Optimal
/// Transport"). The penalty is not convex: the answer depends on the number of rounds. Costs a Sinkhorn solution a
/// round.
/// </remarks>
/// <param name="Regularization">The factor reg of the entropy, positive. Default 1.</param>
/// <param name="ClassRegularization">The factor eta of the penalty, not negative. Default 0.1.</param>
public sealed record ClassSparseTransport(
    [property: OptionRange(Above = 0)] double Regularization = 1,
    [property: OptionRange(AtLeast = 0)] double ClassRegularization = 0.1
) : ITransportSolver
{
    private const double Smoothing = 1e-3;

    /// <summary>How many rounds, at least 1. Default 10.</summary>
    [OptionRange(AtLeast = 1)]
    public int Rounds { get; init; } = 10;

    /// <inheritdoc />
    public Tensor Plan(TransportProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        problem.CheckMemory(nameof(ClassSparseTransport), 5);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var members = problem.Memberships();
        var inner = new EntropicTransport(Regularization);
        var plan = inner.Plan(problem);
        for (var round = 1; round < Rounds; round++)
        {
            using var roundScope = NewDisposeScope();
            var sent = members.t().matmul(plan);
            var tangent = members.matmul((sent + Smoothing).rsqrt()) / 2;
            plan = inner
                .Plan(problem.WithCost(problem.Cost + (ClassRegularization * tangent)))
                .MoveToOuterDisposeScope();
        }
        return plan.MoveToOuterDisposeScope();
    }
}
