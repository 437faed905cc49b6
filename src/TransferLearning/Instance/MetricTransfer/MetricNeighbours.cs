using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>Nearest neighbours by a learnt distance <c>||A (x - y)||</c>: the result of <see cref="MetricTransfer"/>.</summary>
[SavedPart("metric-neighbors")]
public sealed class MetricNeighbours : ILabelPredictor, IComposite, ISavedPart, IDisposable
{
    private ILabelPredictor? neighbours;
    private Tensor? matrix;
    private Tensor? weights;

    private MetricNeighbours() { }

    internal MetricNeighbours(ILabelPredictor neighbours, Tensor matrix, Tensor weights) =>
        (this.neighbours, this.matrix, this.weights) = (
            neighbours,
            matrix.DetachFromDisposeScope(),
            weights.DetachFromDisposeScope()
        );

    /// <inheritdoc />
    public IReadOnlyList<object> Inner => [neighbours!];

    /// <summary>The matrix A <c>[d, d]</c>; it belongs to the predictor.</summary>
    public Tensor Matrix => matrix!;

    /// <summary>The weights of the source rows <c>[n]</c>, of mean 1; they belong to the predictor.</summary>
    public Tensor Weights => weights!;

    /// <inheritdoc />
    public Tensor Predict(Tensor features)
    {
        Guard.Alive(this, matrix);
        Guard.Fitted(features, matrix!.shape[1]);
        using var scope = NewDisposeScope();
        return neighbours!.Predict(features.matmul(matrix!.t().to(features.dtype))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("matrix", ref matrix);
        state.Slot("weights", ref weights);
        state.Part("neighbours", ref neighbours);
    }

    /// <summary>Disposes the matrix, the weights and the kept rows.</summary>
    public void Dispose()
    {
        matrix?.Dispose();
        weights?.Dispose();
        (neighbours as IDisposable)?.Dispose();
    }
}
