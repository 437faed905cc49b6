using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Entropic optimal transport: the Sinkhorn algorithm, in the log domain with epsilon scaling.</summary>
/// <remarks>
/// <c>min sum_ij G_ij C_ij + reg sum_ij G_ij (log G_ij - 1)</c> with the given marginals; <c>G = exp((f_i + g_j - C_ij) / reg)</c> (Cuturi 2013, "Sinkhorn
/// Distances"). The dual potentials f, g are kept, and scalings near 1 are iterated on the kernel that they give and taken up into
/// them when they grow: the log domain's range at a matrix product's price (Schmitzer 2019, "Stabilized Sparse Scaling Algorithms for Entropy
/// Regularized Transport Problems"). Where costs spread over 200 times the regularisation, it is approached from above. Should the rounds run out, the plan is
/// rounded to the marginals (Altschuler, Weed and Rigollet 2017). Costs n m a round.
/// </remarks>
/// <param name="Regularization">The factor reg of the entropy, in the cost's units, positive. Default 1.</param>
public sealed record EntropicTransport(double Regularization = 1) : ITransportSolver
{
    private const double LargestRatio = 200;
    private const double LargestLogScaling = 50;
    private const int RoundsBetweenChecks = 10;

    /// <summary>The sum of absolute marginal errors, relative to the mass, at which it ends. Default 1e-9.</summary>
    public double Tolerance { get; init; } = 1e-9;

    /// <summary>The most rounds. Default 10,000.</summary>
    public int MostRounds { get; init; } = 10_000;

    /// <inheritdoc />
    public Tensor Plan(TransportProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Guard.Positive(Regularization);
        Guard.Positive(Tolerance);
        problem.CheckBalance();
        problem.CheckMemory(nameof(EntropicTransport), TransportProblem.LeastMatrices);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var cost = problem.Cost;
        var (a, b) = (problem.SourceWeights, problem.TargetWeights);
        b *= a.sum() / b.sum();
        var f = cost.amin([1L]);
        var g = zeros_like(b);
        var largest = cost.max().item<double>() - cost.min().item<double>();
        for (
            var width = Math.Max(Regularization, largest / LargestRatio);
            width > Regularization;
            width = Math.Max(Regularization, width / 4)
        )
        {
            (f, g, _) = Scale(cost, a, b, f, g, width, 1e-3, 100);
        }
        (_, _, var plan) = Scale(cost, a, b, f, g, Regularization, Tolerance, MostRounds);
        return Rounded(plan, a, b).MoveToOuterDisposeScope();
    }

    // Where the rounds ran out, rows and columns that are too heavy are cut and what they lose is spread over those that lack.
    private Tensor Rounded(Tensor plan, Tensor a, Tensor b)
    {
        var sent = plan.sum(1);
        if ((sent - a).abs().sum().item<double>() <= 2 * Tolerance * a.sum().item<double>())
        {
            return plan;
        }
        plan *= (a / sent.clamp_min(1e-300)).clamp_max(1).unsqueeze(1);
        plan *= (b / plan.sum(dim: 0).clamp_min(1e-300)).clamp_max(1);
        var (missingRows, missingColumns) = (a - plan.sum(1), b - plan.sum(dim: 0));
        return plan + (missingRows.unsqueeze(1) * missingColumns / missingRows.sum().clamp_min(1e-300));
    }

    private static (Tensor F, Tensor G, Tensor Plan) Scale(
        Tensor cost,
        Tensor a,
        Tensor b,
        Tensor f,
        Tensor g,
        double width,
        double tolerance,
        int rounds
    )
    {
        using var scope = NewDisposeScope();
        var mass = a.sum().item<double>();
        var kernel = Kernel(cost, f, g, width);
        var transposed = kernel.t();
        var (rowScale, columnScale) = (ones_like(a), ones_like(b));
        var image = kernel.mv(columnScale);
        for (var round = 1; round <= rounds; round++)
        {
            using var roundScope = NewDisposeScope();
            rowScale = a / image;
            columnScale = b / transposed.mv(rowScale);
            image = kernel.mv(columnScale);
            rowScale.MoveToOuterDisposeScope();
            columnScale.MoveToOuterDisposeScope();
            image.MoveToOuterDisposeScope();
            if (round % RoundsBetweenChecks != 0 && round > RoundsBetweenChecks)
            {
                continue;
            }
            if (((rowScale * image) - a).abs().sum().item<double>() <= tolerance * mass)
            {
                break;
            }
            if (Spread(rowScale, a) > LargestLogScaling || Spread(columnScale, b) > LargestLogScaling)
            {
                f = (f + (width * Logs(rowScale, a))).MoveToOuterDisposeScope();
                g = (g + (width * Logs(columnScale, b))).MoveToOuterDisposeScope();
                kernel = Kernel(cost, f, g, width).MoveToOuterDisposeScope();
                transposed = kernel.t().MoveToOuterDisposeScope();
                (rowScale, columnScale) = (
                    ones_like(a).MoveToOuterDisposeScope(),
                    ones_like(b).MoveToOuterDisposeScope()
                );
                image = kernel.mv(columnScale).MoveToOuterDisposeScope();
            }
        }
        return (
            (f + (width * Logs(rowScale, a))).MoveToOuterDisposeScope(),
            (g + (width * Logs(columnScale, b))).MoveToOuterDisposeScope(),
            kernel.mul_(rowScale.unsqueeze(1)).mul_(columnScale).MoveToOuterDisposeScope()
        );
    }

    private static Tensor Kernel(Tensor cost, Tensor f, Tensor g, double width) =>
        (f.unsqueeze(1) + g).sub_(cost).div_(width).exp_();

    // Rows without mass are scaled to 0 and keep their potential.
    private static Tensor Logs(Tensor scale, Tensor weights) =>
        where(weights > 0, scale.clamp_min(1e-300).log(), zeros_like(scale));

    private static double Spread(Tensor scale, Tensor weights) => Logs(scale, weights).abs().max().item<double>();
}
