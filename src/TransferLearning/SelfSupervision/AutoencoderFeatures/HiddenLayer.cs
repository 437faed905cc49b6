using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// A fitted layer <c>tanh(x W + b)</c>, the result of <see cref="AutoencoderFeatures"/>. It computes in float64 and
/// answers in the rows' dtype.
/// </summary>
[SavedPart("hidden-layer")]
public sealed class HiddenLayer : IFeatureExtractor, ISavedPart, IGraphPart, IDisposable
{
    private Tensor? matrix;
    private Tensor? offset;

    private HiddenLayer() { }

    internal HiddenLayer(Tensor matrix, Tensor offset) =>
        (this.matrix, this.offset) = (
            matrix.contiguous().DetachFromDisposeScope(),
            offset.contiguous().DetachFromDisposeScope()
        );

    /// <summary>The matrix W, float64 <c>[d, k]</c>; it belongs to the layer.</summary>
    public Tensor Matrix => matrix!;

    /// <summary>The offset b, float64 <c>[k]</c>; it belongs to the layer.</summary>
    public Tensor Offset => offset!;

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Guard.Alive(this, matrix);
        Guard.Fitted(inputs, matrix!.shape[0]);
        using var scope = NewDisposeScope();
        return (inputs.to(float64).matmul(matrix) + offset!).tanh().to(inputs.dtype).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var sum = graph.Add(graph.Product(graph.Wide(inputs), matrix!), graph.Constant(offset!));
        return graph.Like(graph.Operator("Tanh", [sum]), inputs);
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
