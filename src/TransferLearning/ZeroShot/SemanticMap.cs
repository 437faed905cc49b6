using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// A fitted linear map <c>x W</c> from features into the space of descriptions. It computes in float64 and answers in
/// the rows' dtype.
/// </summary>
[SavedPart("semantic-map")]
public sealed class SemanticMap : IFeatureExtractor, ISavedPart, IGraphPart, IDisposable
{
    private Tensor? matrix;

    private SemanticMap() { }

    internal SemanticMap(Tensor matrix) => this.matrix = matrix.detach().contiguous().clone().DetachFromDisposeScope();

    /// <summary>The matrix W, float64 <c>[d, a]</c>; it belongs to the map.</summary>
    public Tensor Matrix => matrix!;

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Guard.Alive(this, matrix);
        Guard.Fitted(inputs, matrix!.shape[0]);
        using var scope = NewDisposeScope();
        return inputs.to(float64).matmul(matrix).to(inputs.dtype).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Like(graph.Product(graph.Wide(inputs), matrix!), inputs);

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("matrix", ref matrix);
    }

    /// <summary>Disposes the matrix.</summary>
    public void Dispose() => matrix?.Dispose();
}
