using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>A fitted tree: what <see cref="DecisionTree"/> gives.</summary>
[SavedPart("tree-predictor")]
public sealed class TreePredictor : ILabelPredictor, ISavedPart, IGraphPart, IDisposable
{
    private Tensor? features; // [nodes]
    private Tensor? thresholds;
    private Tensor? children; // [nodes, 2]
    private Tensor? values; // [nodes, k]
    private long depth;
    private long width;
    private ScoreKind scoreKind = ScoreKind.Probabilities;

    private TreePredictor() { }

    // Values of the nodes are less a center [k].
    internal TreePredictor(IReadOnlyList<TreeNode> nodes, Tensor center, long width, bool isClassifier)
    {
        using var scope = NewDisposeScope();
        this.width = width;
        scoreKind = isClassifier ? ScoreKind.Probabilities : ScoreKind.Values;
        depth = Depth(nodes, 0);
        Tensor Kept(Tensor fresh) => fresh.to(center.device).DetachFromDisposeScope();
        features = Kept(tensor(nodes.Select(node => node.Feature).ToArray()));
        thresholds = Kept(tensor(nodes.Select(node => node.Threshold).ToArray()));
        children = Kept(
            tensor(nodes.SelectMany(node => new long[] { node.Left, node.Right }).ToArray()).reshape(-1, 2)
        );
        values = Kept(
            tensor(nodes.SelectMany(node => node.Value).ToArray()).reshape(nodes.Count, -1).to(center.device) + center
        );
    }

    /// <summary>How many nodes the tree has, leaves included.</summary>
    public long Nodes => values!.shape[0];

    /// <inheritdoc />
    public ScoreKind ScoreKind => scoreKind;

    /// <summary>The leaves' class shares <c>[n, classes]</c>, or mean values <c>[n, k]</c>.</summary>
    /// <inheritdoc />
    public Tensor Predict(Tensor features)
    {
        Guard.Alive(this, values);
        Guard.Fitted(features, width);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = features.to(float64);
        var at = zeros(rows.shape[0], int64, rows.device);
        for (var level = 0; level < depth; level++)
        {
            var split = this.features!.index_select(0, at).unsqueeze(1);
            var goesRight = rows.gather(1, split).squeeze(1).gt(thresholds!.index_select(0, at)).to(int64);
            at = children!.index_select(0, at).gather(1, goesRight.unsqueeze(1)).squeeze(1);
        }
        return values!.index_select(0, at).to(features.dtype).MoveToOuterDisposeScope();
    }

    GraphValue IGraphPart.Write(IGraphWriter graph, GraphValue inputs)
    {
        // As Predict walks: one level of the tree for all rows at a time, from the root's number for each row.
        var rows = graph.Wide(inputs);
        var none = graph.Multiply(graph.RowSum(rows), graph.Number(0));
        var at = graph.Operator("ArgMin", [none], ("axis", 1L), ("keepdims", 1L)); // [n, 1], all 0
        for (var level = 0; level < depth; level++)
        {
            var split = graph.Select(graph.Constant(features!), at, 0);
            var value = graph.Operator("GatherElements", [rows, split], ("axis", 1L));
            var goesRight = graph.Operator("Greater", [value, graph.Select(graph.Constant(thresholds!), at, 0)]);
            var left = graph.Select(graph.Constant(children!.select(1, 0)), at, 0);
            var right = graph.Select(graph.Constant(children.select(1, 1)), at, 0);
            at = graph.Operator("Where", [goesRight, right, left]);
        }
        var leaves = graph.Select(graph.Constant(values!), graph.Operator("Flatten", [at], ("axis", 0L)), 0);
        var shape = graph.Constant(tensor(new[] { -1L, values!.shape[1] }));
        return graph.Like(graph.Operator("Reshape", [leaves, shape]), inputs);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("features", ref features);
        state.Slot("thresholds", ref thresholds);
        state.Slot("children", ref children);
        state.Slot("values", ref values);
        state.Number("depth", ref depth);
        state.Number("width", ref width);
        Probabilities.Exchange(state, ref scoreKind);
    }

    /// <summary>Disposes the nodes.</summary>
    public void Dispose()
    {
        features?.Dispose();
        thresholds?.Dispose();
        children?.Dispose();
        values?.Dispose();
    }

    private static long Depth(IReadOnlyList<TreeNode> nodes, int node) =>
        nodes[node].Left == node ? 0 : 1 + Math.Max(Depth(nodes, nodes[node].Left), Depth(nodes, nodes[node].Right));
}
