using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// A fitted affine map <c>x A + b</c>, the result of several mapping methods. It computes in float64 and answers in the
/// rows' dtype.
/// </summary>
[SavedPart("affine-map")]
public sealed class AffineMap : IFeatureExtractor, ISavedPart, IGraphPart, IDisposable
{
    private Tensor? matrix;
    private Tensor? offset;

    private AffineMap() { }

    internal AffineMap(Tensor matrix, Tensor? offset = null) =>
        (this.matrix, this.offset) = (
            matrix.detach().contiguous().DetachFromDisposeScope(),
            offset?.detach().contiguous().DetachFromDisposeScope()
        );

    /// <summary>The matrix A, float64 <c>[d, k]</c>; it belongs to the map.</summary>
    public Tensor Matrix => matrix!;

    /// <summary>The offset b, float64 <c>[k]</c>, or null for none; it belongs to the map.</summary>
    public Tensor? Offset => offset;

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Guard.Alive(this, matrix);
        Guard.Fitted(inputs, matrix!.shape[0]);
        using var scope = NewDisposeScope();
        var product = inputs.to(float64).matmul(matrix!);
        return (offset is null ? product : product + offset).to(inputs.dtype).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var product = graph.Product(graph.Wide(inputs), matrix!);
        return graph.Like(offset is null ? product : graph.Add(product, graph.Constant(offset)), inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("matrix", ref matrix);
        state.Slot("offset", ref offset);
    }

    /// <summary>Disposes the matrix and the offset.</summary>
    public void Dispose()
    {
        matrix?.Dispose();
        offset?.Dispose();
    }
}
