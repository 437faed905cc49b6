using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Entropic optimal transport: the Sinkhorn algorithm, in the log domain with epsilon scaling.</summary>
/// <remarks>
/// <c>min sum_ij G_ij C_ij + reg sum_ij G_ij (log G_ij - 1)</c> with the given marginals;
/// <c>G = exp((f_i + g_j - C_ij) / reg)</c> (Cuturi 2013, "Sinkhorn Distances"). The dual potentials f, g are kept, and
/// scalings near 1 are iterated on the kernel that they give and taken up into them when they grow: the log domain's
/// range at a matrix product's price (Schmitzer 2019, "Stabilized Sparse Scaling Algorithms for Entropy Regularized
/// Transport Problems"). Where costs spread over 200 times the regularization, it is approached from above. Should the
/// rounds run out, the plan is rounded to the marginals (Altschuler, Weed and Rigollet 2017). Costs n m a round.
/// </remarks>
/// <param name="Regularization">The factor reg of the entropy, in the cost's units, positive. Default 1.</param>
public sealed record EntropicTransport([property: OptionRange(Above = 0)] double Regularization = 1) : ITransportSolver
{
    private const double LargestRatio = 200;
    private const double LargestLogScaling = 50;
    private const int RoundsBetweenChecks = 10;
    private const int RoundsCheckedEach = 20;

    /// <summary>The sum of absolute marginal errors, relative to the mass, at which it ends. Default 1e-9.</summary>
    [OptionRange(Above = 0)]
    public double Tolerance { get; init; } = 1e-9;

    /// <summary>The most rounds. Default 10,000.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxRounds { get; init; } = 10_000;

    /// <inheritdoc />
    public Tensor Plan(TransportProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return problem.PlanOfMass(some => Plan(some, null).Plan).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The plan and its dual potentials, from the potentials of a similar problem where there are some. All rows and
    /// columns hold mass.
    /// </summary>
    internal (Tensor Plan, Potentials Potentials) Plan(TransportProblem problem, Potentials? start)
    {
        Guard.Options(this);
        problem.CheckBalance();
        problem.CheckMemory(nameof(EntropicTransport), TransportProblem.MinMatrices);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var cost = problem.Cost;
        var (a, b) = (problem.SourceWeights, problem.TargetWeights);
        b *= a.sum() / b.sum();
        var mass = a.sum().item<double>();
        var kernel = new ScalingKernel(cost, a, b);
        var (f, g) = start is { } near
            ? (near.Rows, near.Columns)
            : Approach(kernel, cost, b, mass, problem.Cancellation);
        (f, g, var isSettled) = Scale(kernel, f, g, Regularization, Tolerance * mass, MaxRounds, problem.Cancellation);
        var plan = kernel.Plan();
        if (!isSettled)
        {
            RunWarnings.StepLimit(nameof(EntropicTransport), nameof(MaxRounds), MaxRounds, Tolerance);
        }
        return (
            (isSettled ? plan : Rounded(plan, a, b)).MoveToOuterDisposeScope(),
            new Potentials(f.MoveToOuterDisposeScope(), g.MoveToOuterDisposeScope())
        );
    }

    // Potentials for the regularization, by way of larger ones where costs spread far beyond it.
    private (Tensor F, Tensor G) Approach(
        ScalingKernel kernel,
        Tensor cost,
        Tensor b,
        double mass,
        CancellationToken cancellation
    )
    {
        var (f, g) = (cost.amin([1L]), zeros_like(b));
        var largest = cost.amax([1L]).max().item<double>() - f.min().item<double>();
        for (
            var width = Math.Max(Regularization, largest / LargestRatio);
            width > Regularization;
            width = Math.Max(Regularization, width / 4)
        )
        {
            (f, g, _) = Scale(kernel, f, g, width, 1e-3 * mass, 100, cancellation);
        }
        return (f, g);
    }

    // Where the rounds ran out, rows and columns that are too heavy are cut and what they lose is spread over those
    // that lack.
    private static Tensor Rounded(Tensor plan, Tensor a, Tensor b)
    {
        var sent = plan.sum(1);
        plan *= (a / sent.clamp_min(1e-300)).clamp_max(1).unsqueeze(1);
        plan *= (b / plan.sum(dim: 0).clamp_min(1e-300)).clamp_max(1);
        var (missingRows, missingColumns) = (a - plan.sum(1), b - plan.sum(dim: 0));
        return plan + (missingRows.unsqueeze(1) * missingColumns / missingRows.sum().clamp_min(1e-300));
    }

    // Rounds on the kernel of the potentials f and g until the row masses are missed by little; the scalings that
    // remain stand in the kernel.
    private static (Tensor F, Tensor G, bool IsSettled) Scale(
        ScalingKernel kernel,
        Tensor f,
        Tensor g,
        double width,
        double tolerance,
        int rounds,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        kernel.Absorb(f, g, width);
        var isSettled = false;
        for (var round = 1; round <= rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var roundScope = NewDisposeScope();
            kernel.Pass();
            var isChecked = round % RoundsBetweenChecks == 0 || round is > 1 and <= RoundsCheckedEach;
            if (isChecked && kernel.MissedBefore() <= tolerance)
            {
                kernel.Return();
                isSettled = true;
                break;
            }
            kernel.Advance();
            if (round % RoundsBetweenChecks == 0)
            {
                var (rows, columns) = kernel.Logs();
                if (Math.Max(Largest(rows), Largest(columns)) > LargestLogScaling)
                {
                    f = (f + (width * rows)).MoveToOuterDisposeScope();
                    g = (g + (width * columns)).MoveToOuterDisposeScope();
                    kernel.Absorb(f, g, width);
                }
            }
        }
        var (lastRows, lastColumns) = kernel.Logs();
        return (
            (f + (width * lastRows)).MoveToOuterDisposeScope(),
            (g + (width * lastColumns)).MoveToOuterDisposeScope(),
            isSettled
        );
    }

    private static double Largest(Tensor logs) => logs.abs().max().item<double>();

    /// <summary>Dual potentials of row and column masses, in the cost's units.</summary>
    internal sealed record Potentials(Tensor Rows, Tensor Columns);
}
