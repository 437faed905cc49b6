using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>The map of <see cref="StructuralCorrespondence"/>: the features as they are, and the new ones beside them.</summary>
public sealed class CorrespondingFeatures : IFeatureExtractor, ISavedPart, IDisposable
{
    private AffineMap? structure;
    private Tensor? pivots;

    private CorrespondingFeatures() { }

    internal CorrespondingFeatures(AffineMap structure, Tensor pivots) =>
        (this.structure, this.pivots) = (structure, pivots.DetachFromDisposeScope());

    /// <summary>The map to the new features alone, <c>[., d]</c> to <c>[., k]</c>; it belongs to this map.</summary>
    public AffineMap Structure => structure!;

    /// <summary>The places of the pivots, int64, best first; they belong to the map.</summary>
    public Tensor Pivots => pivots!;

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Internal.Guard.Rows(inputs, 0);
        using var scope = NewDisposeScope();
        return cat([inputs, structure!.Extract(inputs)], 1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("structure", ref structure);
        state.Slot("pivots", ref pivots);
    }

    /// <summary>Disposes the projection and the places.</summary>
    public void Dispose()
    {
        structure?.Dispose();
        pivots?.Dispose();
    }
}
