using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// A fitted map <c>x a + b</c>, feature by feature. It computes in float64 and answers in the rows' dtype.
/// </summary>
[SavedPart("diagonal-map")]
public sealed class DiagonalMap : IFeatureExtractor, ISavedPart, IGraphPart, IDisposable
{
    private Tensor? factor;
    private Tensor? offset;

    private DiagonalMap() { }

    internal DiagonalMap(Tensor factor, Tensor offset) =>
        (this.factor, this.offset) = (factor.DetachFromDisposeScope(), offset.DetachFromDisposeScope());

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Guard.Alive(this, factor);
        Guard.Fitted(inputs, factor!.shape[^1]);
        using var scope = NewDisposeScope();
        return ((inputs.to(float64) * factor!) + offset!).to(inputs.dtype).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var scaled = graph.Multiply(graph.Wide(inputs), graph.Constant(factor!));
        return graph.Like(graph.Add(scaled, graph.Constant(offset!)), inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("factor", ref factor);
        state.Slot("offset", ref offset);
    }

    /// <summary>Disposes the factor and the offset.</summary>
    public void Dispose()
    {
        factor?.Dispose();
        offset?.Dispose();
    }
}
