using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Exact optimal transport: the plan of least cost with the given marginals (Kantorovich 1942), by the network simplex.
/// </summary>
/// <remarks>
/// <c>min sum_ij G_ij C_ij</c> over <c>G >= 0</c> with row sums a and column sums b. At most n + m - 1 entries are not
/// 0. The plan is unique for costs in general position. Works on the CPU, whatever the device of the costs. Costs in
/// practice about n^2 to n^2.5 operations and n m memory.
/// </remarks>
public sealed record ExactTransport : ITransportSolver
{
    /// <inheritdoc />
    public Tensor Plan(TransportProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        problem.CheckBalance();
        problem.CheckMemory(nameof(ExactTransport), 3);
        using var scope = NewDisposeScope();
        var (rows, source) = Support(problem.SourceWeights);
        var (columns, target) = Support(problem.TargetWeights);
        var ratio = source.Sum() / target.Sum();
        target = [.. target.Select(weight => weight * ratio)];
        var m = problem.TargetWeights.shape[0];
        var cost = problem.Cost;
        if (rows.Length < cost.shape[0] || columns.Length < m)
        {
            cost = cost.index_select(0, tensor(rows, device: cost.device))
                .index_select(1, tensor(columns, device: cost.device));
        }
        var costs = cost.cpu().contiguous().data<double>().ToArray();
        var arcs = TransportSimplex.Solve(costs, source, target, problem.Cancellation).ToList();
        var places = arcs.Select(arc => (rows[arc.Source] * m) + columns[arc.Target]).ToArray();
        var flows = tensor(arcs.Select(arc => arc.Flow).ToArray(), dtype: float64);
        var plan = zeros(problem.Cost.numel(), dtype: float64);
        plan.index_copy_(0, tensor(places), flows);
        return plan.reshape(problem.Cost.shape).to(problem.Cost.device).MoveToOuterDisposeScope();
    }

    // Rows without mass take no part.
    private static (long[] Places, double[] Weights) Support(Tensor weights)
    {
        var all = weights.cpu().contiguous().data<double>().ToArray();
        long[] places = [.. Enumerable.Range(0, all.Length).Where(i => all[i] > 0).Select(i => (long)i)];
        return (places, [.. places.Select(place => all[place])]);
    }
}
