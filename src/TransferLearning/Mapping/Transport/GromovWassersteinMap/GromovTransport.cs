using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Gromov-Wasserstein and fused Gromov-Wasserstein transport: rows that lie near each other in one domain go to rows
/// that lie near each other in the other, whatever the features.
/// </summary>
/// <remarks>
/// <para>
/// <c>min (1 - s) sum_ij C_ij G_ij + s sum_ijkl (D_ik - E_jl)^2 G_ij G_kl</c> over plans with the masses as marginals;
/// D and E are the distances within the source and within the target. <c>s = 1</c> is Gromov-Wasserstein transport
/// (Mémoli 2011, "Gromov-Wasserstein Distances and the Metric Approach to Object Matching"), less is the fused one
/// (Vayer, Chapel, Flamary, Tavenard and Courty 2019, "Optimal Transport for Structured Data with Application on
/// Graphs"). From the plan that sends everything everywhere alike, an <see cref="ExactTransport"/> for the gradient's
/// costs and an exact line search toward it take turns.
/// </para>
/// <para>
/// With <see cref="Regularization"/> <c>reg sum G (log G - 1)</c> is added, and each step is the
/// <see cref="EntropicTransport"/> for the gradient's costs (Peyré, Cuturi and Solomon 2016, "Gromov-Wasserstein
/// Averaging of Kernel and Distance Matrices"). With <see cref="Share"/> below 1 the plan moves that share of the mass
/// alone, by <see cref="PartialTransport"/> or <see cref="EntropicPartialTransport"/> in each step (Chapel, Alaya and
/// Gasso 2020, "Partial Optimal Transport with Applications on Positive-Unlabeled Learning", section 3). The objective
/// is not convex: it ends in a local minimum.
/// </para>
/// <para>
/// The problem must say where the rows lie; their widths may differ. Costs <c>n m (n + m)</c> operations and a plan a
/// step, and n^2 + m^2 memory.
/// </para>
/// </remarks>
/// <param name="StructureShare">The share s of distances within the domains, from 0 to 1. Default 1.</param>
public sealed record GromovTransport([property: OptionRange(AtLeast = 0, AtMost = 1)] double StructureShare = 1)
    : ITransportSolver
{
    /// <summary>The factor reg of the entropy; 0 for exact plans. Default 0.</summary>
    [OptionRange(AtLeast = 0)]
    public double Regularization { get; init; }

    /// <summary>The share of the lighter side's mass that moves, above 0 and at most 1. Default 1.</summary>
    [OptionRange(Above = 0, AtMost = 1)]
    public double Share { get; init; } = 1;

    /// <summary>Whether distances are squared before they are compared. Default false.</summary>
    public bool ComparesSquares { get; init; }

    /// <summary>
    /// Whether what is compared is divided by the largest of its domain, so that the domains need not have one unit.
    /// Default true.
    /// </summary>
    public bool NormalizesDistances { get; init; } = true;

    /// <summary>
    /// What it ends at: the fall of the objective, relative to it, or with entropy the change of the plan, summed over
    /// its entries and relative to its mass. Default 1e-9.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Tolerance { get; init; } = 1e-9;

    /// <summary>The most steps; then the plan so far is taken. Default 1,000.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxSteps { get; init; } = 1000;

    /// <inheritdoc />
    /// <exception cref="InvalidOperationException">The problem does not say where the rows lie.</exception>
    public Tensor Plan(TransportProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Guard.Options(this);
        if (problem.SourceRows is null || problem.TargetRows is null)
        {
            throw new InvalidOperationException(
                "this solver needs to know where the rows lie: give SourceRows and TargetRows, or use it in "
                    + "OptimalTransport or GromovWassersteinMap."
            );
        }
        if (Share == 1)
        {
            problem.CheckBalance();
        }
        problem.CheckMemory(nameof(GromovTransport), 8);
        foreach (var count in problem.Cost.shape)
        {
            MemoryNeed.Check(nameof(GromovTransport), problem.Cost, count, count, 3, TransportProblem.WayOut);
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return problem.PlanOfMass(Settled).MoveToOuterDisposeScope();
    }

    private Tensor Settled(TransportProblem problem)
    {
        using var canceling = Canceling.By(problem.Cancellation);
        using var scope = NewDisposeScope();
        var (d, e) = (Distances(problem.SourceRows!), Distances(problem.TargetRows!));
        var cost = problem.Cost * (1 - StructureShare);
        // Half of the structure's gradient; its marginals are not fixed where a part of the mass moves.
        Tensor Pull(Tensor plan) =>
            (
                d.square().matmul(plan.sum(1)).unsqueeze(1)
                + e.square().matmul(plan.sum(dim: 0))
                - (d.matmul(plan).matmul(e) * 2)
            ) * StructureShare;
        var (a, b) = (problem.SourceWeights, problem.TargetWeights);
        var (ofSource, ofTarget) = (a.sum(), b.sum());
        var mass = ofSource.minimum(ofTarget) * Share;
        var start = (a / ofSource).unsqueeze(1) * (b / ofTarget) * mass;
        var plan =
            Regularization > 0
                ? Smooth(problem, cost, start, Pull, mass.item<double>())
                : Exact(problem, cost, start, Pull);
        return plan.MoveToOuterDisposeScope();
    }

    // The start, which becomes the plan in its place; both belong to the caller's scope.
    private Tensor Exact(TransportProblem problem, Tensor cost, Tensor plan, Func<Tensor, Tensor> pullOf)
    {
        ITransportSolver solver = Share < 1 ? new PartialTransport(Share) : new ExactTransport();
        using var scope = NewDisposeScope();
        var pull = pullOf(plan);
        var value = ((cost + pull) * plan).sum().item<double>();
        for (var step = 0; step < MaxSteps; step++)
        {
            Canceling.Check();
            using var stepScope = NewDisposeScope();
            var gradient = cost + (pull * 2);
            var move = solver.Plan(problem.WithCost(gradient)) - plan;
            var pullOfMove = pullOf(move);
            // Along the move the objective is value + slope t + bend t^2.
            var slope = (gradient * move).sum().item<double>();
            var bend = (pullOfMove * move).sum().item<double>();
            var length = bend > 0 ? Math.Clamp(-slope / (2 * bend), 0, 1) : 1;
            var fall = -((slope + (bend * length)) * length);
            if (slope >= 0 || fall <= Tolerance * Math.Abs(value))
            {
                break;
            }
            plan.add_(move * length);
            pull.add_(pullOfMove * length);
            value -= fall;
            if (step == MaxSteps - 1)
            {
                RunWarnings.StepLimit(nameof(GromovTransport), nameof(MaxSteps), MaxSteps, Tolerance);
            }
        }
        // What a line search leaves of an entry that goes to 0 is rounding.
        var least = problem.SourceWeights.unsqueeze(1).minimum(problem.TargetWeights) * PartialTransport.Trifle;
        plan.copy_(plan.masked_fill(plan.lt(least), 0));
        return plan;
    }

    private Tensor Smooth(TransportProblem problem, Tensor cost, Tensor plan, Func<Tensor, Tensor> pullOf, double mass)
    {
        ITransportSolver solver =
            Share < 1
                ? new EntropicPartialTransport(Regularization, Share)
                : new EntropicTransport(Regularization) { Tolerance = 1e-10 };
        using var scope = NewDisposeScope();
        for (var step = 0; step < MaxSteps; step++)
        {
            Canceling.Check();
            using var stepScope = NewDisposeScope();
            var next = solver.Plan(problem.WithCost(cost + (pullOf(plan) * 2)));
            var moved = (next - plan).abs().sum().item<double>();
            plan.copy_(next);
            if (moved <= Tolerance * mass)
            {
                break;
            }
            if (step == MaxSteps - 1)
            {
                RunWarnings.StepLimit(nameof(GromovTransport), nameof(MaxSteps), MaxSteps, Tolerance);
            }
        }
        return plan;
    }

    // Within one domain, [n, n].
    private Tensor Distances(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var wide = rows.detach().to(float64);
        var distances = SquaredDistances.Between(wide, wide);
        distances = (distances + distances.t()) / 2;
        distances.diagonal().fill_(0);
        distances = ComparesSquares ? distances : distances.sqrt();
        return (
            NormalizesDistances ? distances / distances.max().clamp_min(1e-300) : distances
        ).MoveToOuterDisposeScope();
    }
}
