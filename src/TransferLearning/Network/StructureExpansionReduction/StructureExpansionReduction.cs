using System.Runtime.CompilerServices;
using TransferLearning.Internal;
using TransferLearning.Predictors;

namespace TransferLearning.Network;

/// <summary>
/// Structure expansion and reduction (SER): a few labeled rows grow the leaves of another domain's trees further and
/// cut back what does not serve them.
/// </summary>
/// <remarks>
/// In each tree, from the leaves up: every leaf that rows of several classes reach becomes the root of a full
/// <see cref="DecisionTree"/> of these rows; every split whose subtree makes at least as many errors on the rows that
/// reach it as one leaf would, <c>1 - max_k share_k</c> of their weight, becomes that leaf. A side that no row reaches
/// is left out, and the other one takes the split's place. Leaves give the new rows' class shares (Segev, Harel,
/// Mannor, Crammer and El-Yaniv 2017, "Learn on Source, Refine on Target", IEEE TPAMI 39; sides without rows as in
/// Minvielle, Atiq, Peignier and Mougeot 2019). The rows of the first forest are not needed. On the CPU.
/// </remarks>
/// <param name="Start">The forest of the other domain; the caller keeps it.</param>
public sealed record StructureExpansionReduction(ForestPredictor Start) : ILabelLearner
{
    /// <summary>The forest of the other domain.</summary>
    public ForestPredictor Start { get; } = Start ?? throw new ArgumentNullException(nameof(Start));

    /// <summary>Refines every tree.</summary>
    /// <param name="data">Labeled rows of the same features and classes as the first forest's.</param>
    /// <returns>A <see cref="ForestPredictor"/>; dispose it.</returns>
    /// <exception cref="ArgumentException">Other features or classes, or values instead of classes.</exception>
    public ILabelPredictor Fit(LabeledDomain data) => TargetRows.Refine(Start, data, Refine);

    internal static IReadOnlyList<TreeNode> Refine(TargetRows rows, IReadOnlyList<TreeNode> nodes) =>
        Refine(rows, RefinedNode.Of(nodes), rows.All).Node.Listed();

    private static (RefinedNode Node, double Error) Refine(TargetRows rows, RefinedNode node, int[] here)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        Canceling.Check();
        if (node is not { Left: { } left, Right: { } right })
        {
            var grown = RefinedNode.Of(rows.Grown(here));
            return (grown, Error(rows, grown, here));
        }
        var (ofLeft, ofRight) = rows.Split(here, node.Feature, node.Threshold);
        if (ofLeft.Length == 0 || ofRight.Length == 0)
        {
            return Refine(rows, ofLeft.Length == 0 ? right : left, here);
        }
        var (newLeft, leftError) = Refine(rows, left, ofLeft);
        var (newRight, rightError) = Refine(rows, right, ofRight);
        var counts = rows.Counts(here);
        var leafError = counts.Sum() - counts.Max();
        return leafError <= leftError + rightError
            ? (RefinedNode.Leaf(counts), leafError)
            : (
                new RefinedNode(RefinedNode.Shares(counts), node.Feature, node.Threshold, newLeft, newRight),
                leftError + rightError
            );
    }

    // The weight of the rows that a tree puts into another class.
    private static double Error(TargetRows rows, RefinedNode node, int[] here)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (node is not { Left: { } left, Right: { } right })
        {
            var counts = rows.Counts(here);
            return counts.Sum() - counts.Max();
        }
        var (ofLeft, ofRight) = rows.Split(here, node.Feature, node.Threshold);
        return Error(rows, left, ofLeft) + Error(rows, right, ofRight);
    }
}
