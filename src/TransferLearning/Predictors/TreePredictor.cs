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
    internal TreePredictor(IReadOnlyList<TreeNode> nodes, Tensor center, long width, ScoreKind scoreKind)
    {
        using var scope = NewDisposeScope();
        (this.width, this.scoreKind) = (width, scoreKind);
        depth = Depth(nodes);
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

    /// <summary>How many features the rows have.</summary>
    internal long Width => width;

    /// <summary>How many numbers the tree gives a row.</summary>
    internal long Outputs => values!.shape[1];

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

    /// <summary>The nodes, the root first, children behind their parent.</summary>
    internal TreeNode[] Read()
    {
        Guard.Alive(this, values);
        using var scope = NewDisposeScope();
        var (split, limits) = (features!.cpu().data<long>().ToArray(), thresholds!.cpu().data<double>().ToArray());
        var (next, shares) = (children!.cpu().data<long>().ToArray(), values!.cpu().data<double>().ToArray());
        var k = (int)Outputs;
        return
        [
            .. Enumerable
                .Range(0, split.Length)
                .Select(i => new TreeNode(
                    split[i],
                    limits[i],
                    (int)next[2 * i],
                    (int)next[(2 * i) + 1],
                    shares[(i * k)..((i + 1) * k)]
                )),
        ];
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

    // Children stand behind their parent.
    private static long Depth(IReadOnlyList<TreeNode> nodes)
    {
        var depths = new long[nodes.Count];
        for (var node = nodes.Count - 1; node >= 0; node--)
        {
            var (left, right) = (nodes[node].Left, nodes[node].Right);
            depths[node] = left == node ? 0 : 1 + Math.Max(depths[left], depths[right]);
        }
        return depths[0];
    }
}
