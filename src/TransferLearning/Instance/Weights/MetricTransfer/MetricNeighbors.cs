using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// Nearest neighbors by a learned distance <c>||A (x - y)||</c>: the result of <see cref="MetricTransfer"/>.
/// </summary>
[SavedPart("metric-neighbors")]
public sealed class MetricNeighbors : ILabelPredictor, IComposite, ISavedPart, IGraphPart, IDisposable
{
    private ILabelPredictor? neighbors;
    private Tensor? matrix;
    private Tensor? weights;

    private MetricNeighbors() { }

    internal MetricNeighbors(ILabelPredictor neighbors, Tensor matrix, Tensor weights) =>
        (this.neighbors, this.matrix, this.weights) = (
            neighbors,
            matrix.DetachFromDisposeScope(),
            weights.DetachFromDisposeScope()
        );

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [neighbors!];

    /// <summary>The matrix A <c>[d, d]</c>; it belongs to the predictor.</summary>
    public Tensor Matrix => matrix!;

    /// <summary>The weights of the source rows <c>[n]</c>, of mean 1; they belong to the predictor.</summary>
    public Tensor Weights => weights!;

    /// <inheritdoc />
    public ScoreKind ScoreKind => neighbors!.ScoreKind;

    /// <inheritdoc />
    public Tensor Predict(Tensor features)
    {
        Guard.Alive(this, matrix);
        Guard.Fitted(features, matrix!.shape[1]);
        using var scope = NewDisposeScope();
        return neighbors!.Predict(features.matmul(matrix!.t().to(features.dtype))).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var example = graph.ExampleOf(inputs);
        var mapped = graph.Operator("MatMul", [inputs, graph.Like(graph.Constant(matrix!.t()), inputs)]);
        return graph.Part(neighbors!, graph.WithExample(mapped, example.matmul(matrix!.t().to(example.dtype))));
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("matrix", ref matrix);
        state.Slot("weights", ref weights);
        state.Part("neighbors", ref neighbors);
    }

    /// <summary>Disposes the matrix, the weights and the kept rows.</summary>
    public void Dispose()
    {
        matrix?.Dispose();
        weights?.Dispose();
        (neighbors as IDisposable)?.Dispose();
    }
}
