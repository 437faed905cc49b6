using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The map of <see cref="StructuralCorrespondenceLearning"/> and <see cref="SpectralFeatureAlignment"/>: the features
/// as they are, and the new ones beside them.
/// </summary>
[SavedPart("corresponding-features")]
public sealed class CorrespondingFeatures : IFeatureExtractor, ISavedPart, IGraphPart, IDisposable
{
    private AffineMap? structure;
    private Tensor? pivots;

    private CorrespondingFeatures() { }

    internal CorrespondingFeatures(AffineMap structure, Tensor pivots) =>
        (this.structure, this.pivots) = (structure, pivots.DetachFromDisposeScope());

    /// <summary>
    /// The map to <c>[x, s (x V - mean)]</c>, with s such that over all rows the new part's root mean squared length is
    /// <paramref name="scale"/> times that of x.
    /// </summary>
    /// <param name="rows">The rows of both domains in float64 <c>[n, d]</c>.</param>
    /// <param name="directions">V <c>[d, k]</c>.</param>
    /// <param name="scale">The new part's length against the old one's.</param>
    /// <param name="pivots">The places of the pivots.</param>
    internal static CorrespondingFeatures Of(Tensor rows, Tensor directions, double scale, Tensor pivots)
    {
        using var scope = NewDisposeScope();
        var projected = rows.matmul(directions);
        var mean = projected.mean([0L]);
        var length = (projected - mean).square().sum(1).mean().sqrt().clamp_min(1e-300);
        var stretch = rows.square().sum(1).mean().sqrt() * scale / length;
        return new CorrespondingFeatures(new AffineMap(directions * stretch, mean * -stretch), pivots);
    }

    /// <summary>The map to the new features alone, <c>[., d]</c> to <c>[., k]</c>; it belongs to this map.</summary>
    public AffineMap Structure => structure!;

    /// <summary>
    /// The places of the features that say the same in both domains, int64, best first; they belong to the map.
    /// </summary>
    public Tensor Pivots => pivots!;

    /// <inheritdoc />
    public Tensor Extract(Tensor inputs)
    {
        Internal.Guard.Rows(inputs, 0);
        using var scope = NewDisposeScope();
        return cat([inputs, structure!.Extract(inputs)], 1).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs) =>
        graph.Beside(inputs, graph.Part(structure!, inputs));

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
