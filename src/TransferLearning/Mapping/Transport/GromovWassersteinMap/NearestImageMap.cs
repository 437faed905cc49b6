using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// A fitted map into a space of other features: each known row has an image there, a new row has that of its nearest
/// known row.
/// </summary>
/// <remarks>
/// Unlike <see cref="BarycentricMap"/> it does not move rows, for there is no step from one space to another. It takes
/// as many values as there are known rows.
/// </remarks>
[SavedPart("nearest-image-map")]
public sealed class NearestImageMap : IFeatureExtractor, ISavedPart, IGraphPart, IDisposable
{
    private Tensor? rows;
    private Tensor? images;

    private NearestImageMap() { }

    // Images are the means of the others by the plan [n, m]; rows that send nothing are not known.
    internal NearestImageMap(Tensor rows, Tensor others, Tensor plan)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var sent = plan.sum(1);
        var known = sent.gt(0).nonzero().squeeze(1);
        var sums = plan.index_select(0, known).matmul(others.to(float64));
        this.rows = rows.detach().index_select(0, known).DetachFromDisposeScope();
        images = (sums / sent.index_select(0, known).unsqueeze(1)).to(rows.dtype).DetachFromDisposeScope();
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
            using var partScope = NewDisposeScope();
            var nearest = distancesOf(inputs.narrow(0, start, count)).argmin(1);
            parts.Add(images!.index_select(0, nearest).MoveToOuterDisposeScope());
        }
        return cat([images!.narrow(0, 0, 0), .. parts]).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var distances = SquaredDistances.Write(graph, graph.Wide(inputs), rows!.to(float64));
        var nearest = graph.Best(distances, isLargest: false);
        return graph.Like(graph.Select(graph.Constant(images!), nearest, 0), inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("rows", ref rows);
        state.Slot("images", ref images);
    }

    /// <summary>Disposes the kept tensors.</summary>
    public void Dispose()
    {
        rows?.Dispose();
        images?.Dispose();
    }
}
