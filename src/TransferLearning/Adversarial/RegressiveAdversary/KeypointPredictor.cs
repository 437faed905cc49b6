using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// Where a network's heatmaps put the keypoints of an image: one heatmap a keypoint, its largest cell.
/// </summary>
/// <remarks>
/// <para>
/// For heatmaps <c>[n, K, h, w]</c> the values are <c>x_1, y_1, ..., x_K, y_K</c>, shares of the image's width and
/// height from 0 to 1: the cell in column c and row r stands for <c>x = c / w</c> and <c>y = r / h</c>. They do not
/// depend on how fine the heatmaps are; times the image's width and height they are pixels. Labels are of the same
/// kind, values <c>[n, 2 K]</c>; a keypoint with a coordinate outside 0 to 1, -1 for instance, is one that is not to be
/// seen.
/// </para>
/// <para>The largest cell has no gradient: objectives take the heatmaps themselves (<see cref="Heatmaps"/>).</para>
/// </remarks>
[SavedPart("keypoint-predictor")]
public sealed class KeypointPredictor : ILabelPredictor, IComposite, ISavedPart, IGraphPart
{
    private ILabelPredictor? heatmaps;

    private KeypointPredictor() { }

    /// <summary>A predictor of some heatmaps.</summary>
    /// <param name="heatmaps">Features to heatmaps <c>[n, K, h, w]</c>, any real numbers.</param>
    public KeypointPredictor(ILabelPredictor heatmaps)
    {
        ArgumentNullException.ThrowIfNull(heatmaps);
        this.heatmaps = heatmaps;
    }

    /// <summary>What makes the heatmaps <c>[n, K, h, w]</c>.</summary>
    public ILabelPredictor Heatmaps => heatmaps!;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Inner => [heatmaps!];

    /// <inheritdoc />
    public ScoreKind ScoreKind => ScoreKind.Values;

    /// <summary>The keypoints of some features.</summary>
    /// <param name="features">Features as the network of the heatmaps takes them, <c>[n, ...]</c>.</param>
    /// <returns>Coordinates <c>[n, 2 K]</c>, in the heatmaps' dtype; the caller disposes them.</returns>
    public Tensor Predict(Tensor features)
    {
        Guard.Alive(features);
        using var scope = NewDisposeScope();
        return Locate(heatmaps!.Predict(features)).MoveToOuterDisposeScope();
    }

    /// <summary>The coordinates of each heatmap's largest cell.</summary>
    /// <param name="heatmaps">Heatmaps <c>[n, K, h, w]</c>, any real numbers.</param>
    /// <returns>
    /// Coordinates <c>[n, 2 K]</c> from 0 to below 1, without gradient; the caller disposes them.
    /// </returns>
    /// <exception cref="ArgumentException">They are no heatmaps.</exception>
    public static Tensor Locate(Tensor heatmaps)
    {
        HeatmapMath.Check(heatmaps);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var best = heatmaps.flatten(2).argmax(2);
        return Places(heatmaps)
            .to(heatmaps.dtype)
            .index_select(0, best.reshape(-1))
            .reshape(best.shape[0], -1)
            .MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        var maps = graph.Part(heatmaps!, inputs);
        var flat = graph.Operator("Reshape", [maps, graph.Constant(tensor(new[] { 0L, 0L, -1L }))]);
        var best = graph.Operator("ArgMax", [flat], ("axis", 2L), ("keepdims", 0L));
        var places = graph.Select(graph.Constant(Places(graph.ExampleOf(maps))), best, 0);
        var rows = graph.Operator("Reshape", [places, graph.Constant(tensor(new[] { 0L, -1L }))]);
        return graph.Like(rows, maps);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("heatmaps", ref heatmaps);
    }

    // x and y of every cell, row by row, float64 [h w, 2].
    private static Tensor Places(Tensor heatmaps)
    {
        var (h, w) = (heatmaps.shape[2], heatmaps.shape[3]);
        var x = (arange(0, w, float64, heatmaps.device) * (1.0 / w)).expand(h, w);
        var y = (arange(0, h, float64, heatmaps.device) * (1.0 / h)).unsqueeze(1).expand(h, w);
        return stack([x, y], 2).reshape(-1, 2);
    }
}
