using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Transport that keeps neighbors together: rows that are close should be sent to places that are close.
/// </summary>
/// <remarks>
/// <c>min sum G C + eta (a tr((G Y)' L_s (G Y)) + (1 - a) tr((G' X)' L_t (G' X)))</c> over plans with the given
/// marginals; X and Y are the source and target rows, G Y and G' X where each row is sent to (times its mass),
/// <c>L = D - S</c> the Laplacian of a graph with <c>S_ij = 1</c> where i and j are among each other's k nearest rows,
/// 1/2 where one is (Flamary, Courty, Rakotomamonjy and Tuia 2014, "Optimal Transport with Laplacian Regularization";
/// Courty, Flamary, Tuia and Rakotomamonjy 2017, section 4.3). Solved by the conditional gradient: the exact plan for
/// the gradient's costs, and a closed line search toward it. Convex. Costs an <see cref="ExactTransport"/> solution a
/// step, and n^2 + m^2 memory for the graphs.
/// </remarks>
/// <param name="Regularization">The factor eta, not negative. Default 1.</param>
public sealed record LaplacianTransport([property: OptionRange(AtLeast = 0)] double Regularization = 1)
    : ITransportSolver
{
    /// <summary>The share a of the source rows' graph, from 0 to 1. Default 0.5.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double SourceShare { get; init; } = 0.5;

    /// <summary>
    /// How many nearest rows k of its own domain a row is joined with; fewer where there are not so many. Default 3.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Neighbors { get; init; } = 3;

    /// <summary>The relative fall of the objective below which it ends. Default 1e-9.</summary>
    [OptionRange(AtLeast = 0)]
    public double Tolerance { get; init; } = 1e-9;

    /// <summary>
    /// The most steps; then the plan so far is taken. It keeps the marginals, and its objective is above the least by a
    /// constant over the steps (Frank and Wolfe 1956). Default 100.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int MaxSteps { get; init; } = 100;

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
                    + "OptimalTransport."
            );
        }
        problem.CheckMemory(nameof(LaplacianTransport), 7);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (x, y) = (problem.SourceRows.detach().to(float64), problem.TargetRows.detach().to(float64));
        var ofSource = Laplacian(x) * (Regularization * SourceShare);
        var ofTarget = Laplacian(y) * (Regularization * (1 - SourceShare));
        Tensor Pull(Tensor plan) =>
            (ofSource.matmul(plan.matmul(y)).matmul(y.t()) + x.matmul(ofTarget.matmul(plan.t().matmul(x)).t())) * 2;
        var exact = new ExactTransport();
        var plan = exact.Plan(problem);
        var pull = Pull(plan);
        var value = ((problem.Cost + (pull / 2)) * plan).sum().item<double>();
        for (var step = 0; step < MaxSteps; step++)
        {
            using var stepScope = NewDisposeScope();
            var move = exact.Plan(problem.WithCost(problem.Cost + pull)) - plan;
            var pullOfMove = Pull(move);
            // Along the move the objective is value + slope t + bend t^2.
            var slope = ((problem.Cost + pull) * move).sum().item<double>();
            var bend = (pullOfMove * move).sum().item<double>() / 2;
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
                RunWarnings.StepLimit(nameof(LaplacianTransport), nameof(MaxSteps), MaxSteps, Tolerance);
            }
        }
        return plan.MoveToOuterDisposeScope();
    }

    private Tensor Laplacian(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var count = (int)Math.Min(Neighbors, rows.shape[0] - 1);
        var distances = SquaredDistances.Between(rows, rows);
        distances.diagonal().fill_(double.PositiveInfinity);
        var joined = zeros_like(distances);
        if (count > 0)
        {
            var nearest = distances.topk(count, 1, largest: false).indexes;
            joined.scatter_(1, nearest, ones_like(nearest, dtype: float64));
        }
        return NeighborGraph.Laplacian((joined + joined.t()) / 2).MoveToOuterDisposeScope();
    }
}
