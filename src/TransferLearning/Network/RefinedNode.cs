using System.Runtime.CompilerServices;
using TransferLearning.Predictors;

namespace TransferLearning.Network;

/// <summary>A node of a tree that is being refined: a leaf, or a split with two children.</summary>
internal sealed record RefinedNode(
    double[] Value,
    long Feature = 0,
    double Threshold = 0,
    RefinedNode? Left = null,
    RefinedNode? Right = null
)
{
    /// <summary>A leaf of the classes' weights, as shares.</summary>
    public static RefinedNode Leaf(double[] counts) => new(Shares(counts));

    /// <summary>Weights divided by their sum.</summary>
    public static double[] Shares(double[] counts)
    {
        var all = counts.Sum();
        return [.. counts.Select(count => count / all)];
    }

    /// <summary>A list of nodes as a tree.</summary>
    public static RefinedNode Of(IReadOnlyList<TreeNode> nodes, int at = 0)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var node = nodes[at];
        return node.Left == at
            ? new RefinedNode(node.Value)
            : new RefinedNode(node.Value, node.Feature, node.Threshold, Of(nodes, node.Left), Of(nodes, node.Right));
    }

    /// <summary>The tree as a list of nodes, children behind their parent.</summary>
    public IReadOnlyList<TreeNode> Listed()
    {
        var nodes = new List<TreeNode>();
        Add(this);
        return nodes;

        int Add(RefinedNode node)
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            var number = nodes.Count;
            nodes.Add(new TreeNode(0, 0, number, number, node.Value));
            if (node is { Left: { } left, Right: { } right })
            {
                nodes[number] = new TreeNode(node.Feature, node.Threshold, Add(left), Add(right), node.Value);
            }
            return number;
        }
    }
}
