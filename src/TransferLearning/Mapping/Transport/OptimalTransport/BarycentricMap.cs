using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// A fitted transport map: each row goes to the mean of where its mass goes, a new row moves as its nearest known row
/// does.
/// </summary>
/// <remarks>
/// Row i goes to <c>sum_j G_ij y_j / sum_j G_ij</c>; a new x to <c>x + (T(x_i) - x_i)</c> for the nearest row
/// <c>x_i</c> (Ferradans, Papadakis, Peyré and Aujol 2014, "Regularized Discrete Optimal Transport"). Known rows are
/// among the new ones: nothing is remembered by number.
/// </remarks>
[SavedPart("barycentric-map")]
public sealed class BarycentricMap : IFeatureExtractor, ISavedPart, IGraphPart, IDisposable
{
    private Tensor? rows;
    private Tensor? moves;

    private BarycentricMap() { }

    // What each row sends [n], and the sum of where to, weighted by it [n, d], which is used up: it may be as large as
    // the rows.
    internal BarycentricMap(Tensor rows, Tensor sent, Tensor sums)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var mass = sent.unsqueeze(1);
        // A row that sends nothing stays where it is.
        var moved = sums.div_(mass.clamp_min(1e-300)).sub_(rows).mul_(mass > 0);
        this.rows = rows.detach().clone().DetachFromDisposeScope();
        moves = moved.to(rows.dtype).DetachFromDisposeScope();
    }

    internal static BarycentricMap OfPlan(Tensor rows, Tensor others, Tensor plan)
    {
        using var scope = NewDisposeScope();
        return new BarycentricMap(rows, plan.sum(1), plan.matmul(others.to(float64)));
    }

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Guard.Alive(this, rows);
        Guard.Pair(inputs, rows!, 0);
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        var distancesOf = SquaredDistances.OfBlocks(rows!, inputs.shape[0]);
        foreach (var (start, count) in SquaredDistances.Blocks(inputs.shape[0], rows!))
        {
            Canceling.Check();
            var some = inputs.narrow(0, start, count);
            using var partScope = NewDisposeScope();
            var nearest = distancesOf(some).argmin(1);
            parts.Add((some + moves!.index_select(0, nearest)).MoveToOuterDisposeScope());
        }
        return cat([.. parts]).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var distances = SquaredDistances.Write(graph, graph.Wide(inputs), rows!.to(float64));
        var nearest = graph.Best(distances, isLargest: false);
        return graph.Add(inputs, graph.Like(graph.Select(graph.Constant(moves!), nearest, 0), inputs));
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("rows", ref rows);
        state.Slot("moves", ref moves);
    }

    /// <summary>Disposes the kept tensors.</summary>
    public void Dispose()
    {
        rows?.Dispose();
        moves?.Dispose();
    }
}
