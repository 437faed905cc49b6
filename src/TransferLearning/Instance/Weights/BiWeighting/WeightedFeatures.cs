using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>A fitted map that multiplies every feature by its weight.</summary>
[SavedPart("weighted-features")]
public sealed class WeightedFeatures : IFeatureExtractor, ISavedPart, IGraphPart, IDisposable
{
    private Tensor? weights;

    private WeightedFeatures() { }

    internal WeightedFeatures(Tensor weights) => this.weights = weights.DetachFromDisposeScope();

    /// <summary>The weights <c>[d]</c>; they belong to the map.</summary>
    public Tensor Weights => weights!;

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Guard.Alive(this, weights);
        Guard.Fitted(inputs, weights!.shape[0]);
        using var scope = NewDisposeScope();
        return (inputs * weights!.to(inputs.dtype)).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Multiply(inputs, graph.Like(graph.Constant(weights!), inputs));

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("weights", ref weights);
    }

    /// <summary>Disposes the weights.</summary>
    public void Dispose() => weights?.Dispose();
}
