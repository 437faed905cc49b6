using System.Runtime.CompilerServices;
using TransferLearning.Internal;
using TransferLearning.Predictors;

namespace TransferLearning.Network;

/// <summary>
/// Structure transfer (STRUT): another domain's trees keep their splits' features, and a few labeled rows give them new
/// thresholds and leaves.
/// </summary>
/// <remarks>
/// From the root down, among the thresholds midway between neighboring values of the rows that reach a split, those are
/// looked at that are local maxima of the information gain, and of these the one of the largest divergence gain
/// <c>DG = 1 - w_L/w JSD(Q_L, P_L) - w_R/w JSD(Q_R, P_R)</c> is taken: Q the class shares that the first forest has on
/// either side, P those of the rows, w their weights, JSD the Jensen-Shannon divergence in bits. The same is done with
/// the sides exchanged, and where that gives the larger gain the children are exchanged too. Rows of one class end in a
/// leaf; where all rows have the same value, the side with the nearer shares takes the split's place. Leaves give the
/// rows' class shares (Segev, Harel, Mannor, Crammer and El-Yaniv 2017, "Learn on Source, Refine on Target", IEEE TPAMI
/// 39). All features are numbers; there is no rule for nominal ones. The rows of the first forest are not needed. On
/// the CPU.
/// </remarks>
/// <param name="Start">The forest of the other domain; the caller keeps it.</param>
public sealed record StructureTransfer(ForestPredictor Start) : ILabelLearner
{
    /// <summary>The forest of the other domain.</summary>
    public ForestPredictor Start { get; } = Start ?? throw new ArgumentNullException(nameof(Start));

    /// <summary>Refines every tree.</summary>
    /// <param name="data">Labeled rows of the same features and classes as the first forest's.</param>
    /// <returns>A <see cref="ForestPredictor"/>; dispose it.</returns>
    /// <exception cref="ArgumentException">Other features or classes, or values instead of classes.</exception>
    public ILabelPredictor Fit(LabeledDomain data) => TargetRows.Refine(Start, data, Refine);

    internal static IReadOnlyList<TreeNode> Refine(TargetRows rows, IReadOnlyList<TreeNode> nodes) =>
        Refine(rows, RefinedNode.Of(nodes), rows.All).Listed();

    private static RefinedNode Refine(TargetRows rows, RefinedNode node, int[] here)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        Canceling.Check();
        var counts = rows.Counts(here);
        if (node is not { Left: { } left, Right: { } right } || rows.IsPure(here))
        {
            return RefinedNode.Leaf(counts);
        }
        if (Best(rows, node.Feature, left.Value, right.Value, here) is not { } best)
        {
            var shares = RefinedNode.Shares(counts);
            return Refine(rows, Divergence(shares, left.Value) <= Divergence(shares, right.Value) ? left : right, here);
        }
        if (best.IsExchanged)
        {
            (left, right) = (right, left);
        }
        var (ofLeft, ofRight) = rows.Split(here, node.Feature, best.Threshold);
        return new RefinedNode(
            RefinedNode.Shares(counts),
            node.Feature,
            best.Threshold,
            Refine(rows, left, ofLeft),
            Refine(rows, right, ofRight)
        );
    }

    // Null where all rows have the same value.
    private static (double Threshold, bool IsExchanged)? Best(
        TargetRows rows,
        long feature,
        double[] left,
        double[] right,
        int[] here
    )
    {
        var sorted = here.OrderBy(row => rows.Value(row, feature)).ToArray();
        // Both sides are added up from their own end, so that no rounding is left of a class that is used up.
        var before = rows.Running(sorted);
        double[][] behind = [.. rows.Running([.. sorted.Reverse()]).Reverse()];
        var found = new List<(double Threshold, double Impurity, double Gain, double Exchanged)>();
        for (var i = 0; i < sorted.Length - 1; i++)
        {
            var (value, next) = (rows.Value(sorted[i], feature), rows.Value(sorted[i + 1], feature));
            if (next > value)
            {
                var between = value + ((next - value) / 2);
                var threshold = between < next ? between : value;
                var (ofLeft, ofRight) = (before[i + 1], behind[i + 1]);
                found.Add(
                    (
                        threshold,
                        Impurity(ofLeft, ofRight),
                        Gain(ofLeft, ofRight, left, right),
                        Gain(ofLeft, ofRight, right, left)
                    )
                );
            }
        }
        if (found.Count == 0)
        {
            return null;
        }
        var peaks = found
            .Where(
                (at, i) =>
                    (i == 0 || at.Impurity <= found[i - 1].Impurity)
                    && (i == found.Count - 1 || at.Impurity <= found[i + 1].Impurity)
            )
            .ToList();
        var (straight, exchanged) = (peaks.MaxBy(at => at.Gain), peaks.MaxBy(at => at.Exchanged));
        return straight.Gain >= exchanged.Exchanged ? (straight.Threshold, false) : (exchanged.Threshold, true);
    }

    // The information gain is a constant of the node less this.
    private static double Impurity(double[] left, double[] right) =>
        (left.Sum() * Entropy(RefinedNode.Shares(left))) + (right.Sum() * Entropy(RefinedNode.Shares(right)));

    private static double Gain(double[] left, double[] right, double[] first, double[] second)
    {
        var (ofLeft, ofRight) = (left.Sum(), right.Sum());
        return 1
            - (
                (
                    (ofLeft * Divergence(RefinedNode.Shares(left), first))
                    + (ofRight * Divergence(RefinedNode.Shares(right), second))
                ) / (ofLeft + ofRight)
            );
    }

    // Jensen-Shannon, in bits.
    private static double Divergence(double[] left, double[] right)
    {
        double[] middle = [.. left.Zip(right, (a, b) => (a + b) / 2)];
        return Entropy(middle) - ((Entropy(left) + Entropy(right)) / 2);
    }

    private static double Entropy(double[] shares) =>
        -shares.Where(share => share > 0).Sum(share => share * Math.Log2(share));
}
