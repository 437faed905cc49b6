using System.Globalization;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Class-regularized entropic transport with a group lasso: a target row should receive from one source class.
/// </summary>
/// <remarks>
/// <c>min sum G C + reg sum G log G + eta sum_j sum_c ||G_(rows of class c), j||_2</c> by the generalized conditional
/// gradient: the group term is linearized, an <see cref="EntropicTransport"/> solves the rest, and an exact line search
/// goes toward it (Courty, Flamary, Tuia and Rakotomamonjy 2017, "Optimal Transport for Domain Adaptation", section
/// 4.2; Bredies, Lorenz and Maass 2009). The optimum is unique. Costs a Sinkhorn solution a step.
/// </remarks>
/// <param name="Regularization">The factor reg of the entropy, positive. Default 1.</param>
/// <param name="ClassRegularization">The factor eta of the group term, not negative. Default 0.1.</param>
public sealed record GroupLassoTransport(
    [property: OptionRange(Above = 0)] double Regularization = 1,
    [property: OptionRange(AtLeast = 0)] double ClassRegularization = 0.1
) : ITransportSolver
{
    // The potentials of a step serve the next while the kernel that they give, exp(-change / reg), stays far from 0.
    private const double MostWarm = 100;

    /// <summary>
    /// The fall of the objective, relative to its size, below which it ends. Default 1e-12. The size is the objective
    /// itself, or 1 where that is less, but not more than the sizes of its terms together: a small unit of the costs
    /// changes nothing.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Tolerance { get; init; } = 1e-12;

    /// <summary>The most steps. Default 200.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxSteps { get; init; } = 200;

    /// <inheritdoc />
    /// <exception cref="InvalidOperationException">
    /// The objective still fell after <see cref="MaxSteps"/> steps.
    /// </exception>
    public Tensor Plan(TransportProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Guard.Options(this);
        problem.CheckMemory(nameof(GroupLassoTransport), 8);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return problem.PlanOfMass(Settled).MoveToOuterDisposeScope();
    }

    private Tensor Settled(TransportProblem problem)
    {
        using var scope = NewDisposeScope();
        var members = problem.Memberships();
        var inner = new EntropicTransport(Regularization) { Tolerance = 1e-10 };
        var (plan, potentials) = inner.Plan(problem, null);
        var (value, size) = Objective(plan, problem.Cost, members);
        var isWarm = ClassRegularization <= MostWarm * Regularization;
        for (var step = 0; step < MaxSteps; step++)
        {
            using var stepScope = NewDisposeScope();
            var pull = Shares(plan, members);
            (var next, potentials) = inner.Plan(
                problem.WithCost(problem.Cost + (ClassRegularization * pull)),
                isWarm ? potentials : null
            );
            var move = next - plan;
            var length = LineSearch(plan, move, problem.Cost, members);
            plan.add_(move * length);
            potentials.Rows.MoveToOuterDisposeScope();
            potentials.Columns.MoveToOuterDisposeScope();
            (var reached, size) = Objective(plan, problem.Cost, members);
            if (value - reached <= Tolerance * Math.Min(Math.Max(1, Math.Abs(value)), size))
            {
                return plan.MoveToOuterDisposeScope();
            }
            value = reached;
        }
        throw new InvalidOperationException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The group lasso did not settle within {MaxSteps} steps at a tolerance of {Tolerance}: raise "
                    + $"MaxSteps, Tolerance or Regularization."
            )
        );
    }

    private static Tensor GroupNorms(Tensor plan, Tensor members) => members.t().matmul(plan.square()).sqrt();

    // Each entry over the norm of its group, 0 ... 1; squares of the least entries underflow, and no norm is below an
    // entry of its group.
    private static Tensor Shares(Tensor plan, Tensor members) =>
        plan / members.matmul(GroupNorms(plan, members)).maximum(plan).clamp_min(1e-300);

    // The objective, and the sizes of its terms together: the entropy's sign is another than that of the rest.
    private (double Value, double Size) Objective(Tensor plan, Tensor cost, Tensor members)
    {
        using var scope = NewDisposeScope();
        var entropy = (plan * plan.clamp_min(1e-300).log()).sum();
        var groups = GroupNorms(plan, members).sum();
        var terms = stack([(plan * cost).sum(), entropy * Regularization, groups * ClassRegularization])
            .cpu()
            .data<double>()
            .ToArray();
        return (terms[0] + terms[1] + terms[2], terms.Sum(Math.Abs));
    }

    // The objective is convex along the move: bisect on the sign of its slope.
    private double LineSearch(Tensor plan, Tensor move, Tensor cost, Tensor members)
    {
        double Slope(double length)
        {
            using var scope = NewDisposeScope();
            var at = plan + (move * length);
            var gradient =
                cost
                + (Regularization * (at.clamp_min(1e-300).log() + 1))
                + (ClassRegularization * Shares(at, members));
            return (gradient * move).sum().item<double>();
        }
        if (Slope(1) <= 0)
        {
            return 1;
        }
        var (low, high) = (0.0, 1.0);
        for (var i = 0; i < 40; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Slope(middle) > 0 ? (low, middle) : (middle, high);
        }
        return low;
    }
}
