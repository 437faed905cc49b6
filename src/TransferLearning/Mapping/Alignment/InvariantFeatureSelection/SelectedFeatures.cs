using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>The map of <see cref="InvariantFeatureSelection"/>: some of the features as they are.</summary>
[SavedPart("selected-features")]
public sealed class SelectedFeatures : IFeatureExtractor, ISavedPart, IGraphPart, IDisposable
{
    private Tensor? kept;
    private Tensor? weights;

    private SelectedFeatures() { }

    internal SelectedFeatures(Tensor kept, Tensor weights) =>
        (this.kept, this.weights) = (kept.DetachFromDisposeScope(), weights.DetachFromDisposeScope());

    /// <summary>The places of the features that are kept, int64 <c>[k]</c>, rising; they belong to the map.</summary>
    public Tensor Kept => kept!;

    /// <summary>
    /// How much each feature of the rows tells the domains apart, float64 <c>[d]</c>, from 0 to 1; they belong to the
    /// map.
    /// </summary>
    public Tensor Weights => weights!;

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Guard.Alive(this, weights);
        Guard.Fitted(inputs, weights!.shape[0]);
        return inputs.index_select(1, kept!);
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Select(inputs, graph.Constant(kept!), 1);

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("kept", ref kept);
        state.Slot("weights", ref weights);
    }

    /// <summary>Disposes the places and the weights.</summary>
    public void Dispose()
    {
        kept?.Dispose();
        weights?.Dispose();
    }
}
