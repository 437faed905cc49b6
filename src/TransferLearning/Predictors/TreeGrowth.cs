using TransferLearning.Internal;

namespace TransferLearning.Predictors;

/// <summary>Grows a tree. Every feature's rows are sorted once; a split parts each order stably.</summary>
internal sealed class TreeGrowth
{
    private readonly double[] columns; // feature after feature, n values each
    private readonly double[] targets; // row after row, k values each
    private readonly double[] weights;
    private readonly int maxDepth;
    private readonly int minRows;
    private readonly int rows;
    private readonly int outputs;
    private readonly int[][] orders;
    private readonly bool[] isLeft;
    private readonly int[] spare;
    private readonly double[] ofRight; // |sum|^2 / weight of the rows behind each place of an order
    private readonly double noise; // the squared error a weight up to which a node is pure
    private readonly FeatureDraw? draw;
    private readonly List<TreeNode> nodes = [];

    // Without a draw every split is looked for in all features.
    public TreeGrowth(
        double[] columns,
        double[] targets,
        double[] weights,
        int maxDepth,
        int minRows,
        FeatureDraw? draw = null
    )
    {
        (this.columns, this.targets, this.weights) = (columns, targets, weights);
        (this.maxDepth, this.minRows, this.draw) = (maxDepth, minRows, draw);
        (rows, outputs) = (weights.Length, targets.Length / weights.Length);
        orders = new int[columns.Length / rows][];
        for (var feature = 0; feature < orders.Length; feature++)
        {
            Canceling.Check();
            orders[feature] = [.. Enumerable.Range(0, rows)];
            Array.Sort(columns.AsSpan(feature * rows, rows).ToArray(), orders[feature]);
        }
        (isLeft, spare, ofRight) = (new bool[rows], new int[rows], new double[rows]);
        var (_, weight, error) = Totals(0, rows);
        noise = 1e-12 * error / weight;
    }

    /// <summary>The nodes, the root first.</summary>
    public IReadOnlyList<TreeNode> Grow()
    {
        // A stack of its own: trees of many rows may be deeper than the thread's.
        var open = new Stack<(int Start, int End, int Depth, int Parent)>();
        open.Push((0, rows, 0, -1));
        while (open.TryPop(out var part))
        {
            var (start, end, depth, parent) = part;
            var (sums, weight, error) = Totals(start, end);
            var number = nodes.Count;
            var value = sums.Select(sum => sum / weight).ToArray();
            nodes.Add(new TreeNode(0, 0, number, number, value));
            if (parent >= 0)
            {
                var above = nodes[parent];
                nodes[parent] = number == parent + 1 ? above with { Left = number } : above with { Right = number };
            }
            if (depth < maxDepth && end - start >= 2 * minRows && error > noise * weight)
            {
                var (feature, threshold, middle) = BestSplit(start, end, sums, weight);
                if (feature >= 0)
                {
                    Part(feature, start, middle, end);
                    nodes[number] = new TreeNode(feature, threshold, number, number, value);
                    open.Push((middle, end, depth + 1, number));
                    open.Push((start, middle, depth + 1, number));
                }
            }
        }
        return nodes;
    }

    private (double[] Sums, double Weight, double Error) Totals(int start, int end)
    {
        var sums = new double[outputs];
        var (weight, squares) = (0.0, 0.0);
        for (var i = start; i < end; i++)
        {
            var row = orders[0][i];
            weight += weights[row];
            for (var output = 0; output < outputs; output++)
            {
                var target = targets[(row * outputs) + output];
                sums[output] += weights[row] * target;
                squares += weights[row] * target * target;
            }
        }
        return (sums, weight, squares - (sums.Sum(sum => sum * sum) / weight));
    }

    // The squared error falls by |sum_left|^2 / weight_left + |sum_right|^2 / weight_right, less a constant of the
    // node.
    private (int Feature, double Threshold, int Middle) BestSplit(int start, int end, double[] sums, double weight)
    {
        var best = (Feature: -1, Threshold: 0.0, Middle: 0);
        var most = sums.Sum(sum => sum * sum) / weight * (1 + 1e-12);
        var part = new double[outputs];
        var left = draw?.Count ?? orders.Length;
        foreach (var feature in draw?.Shuffled() ?? Enumerable.Range(0, orders.Length))
        {
            Canceling.Check();
            var order = orders[feature];
            var values = columns.AsSpan(feature * rows, rows);
            if (draw is not null && values[order[start]] == values[order[end - 1]])
            {
                continue; // a constant feature takes no place among the drawn ones
            }
            if (left-- == 0)
            {
                break;
            }
            // Both sides are added up from their own end: a difference from the whole could be all rounding, its weight
            // 0.
            Array.Clear(part);
            var partWeight = 0.0;
            for (var i = end - 1; i > start; i--)
            {
                ofRight[i - 1] = Gain(order[i], part, ref partWeight);
            }
            Array.Clear(part);
            partWeight = 0;
            for (var i = start; i < end - minRows; i++)
            {
                var ofLeft = Gain(order[i], part, ref partWeight);
                var (here, next) = (values[order[i]], values[order[i + 1]]);
                if (i + 1 - start < minRows || !(next > here))
                {
                    continue;
                }
                var gain = ofLeft + ofRight[i];
                if (gain > most)
                {
                    most = gain;
                    var between = here + ((next - here) / 2);
                    best = (feature, between < next ? between : here, i + 1);
                }
            }
        }
        return best;
    }

    // A part with one more row: |sum|^2 / weight.
    private double Gain(int row, double[] part, ref double partWeight)
    {
        partWeight += weights[row];
        var squares = 0.0;
        for (var output = 0; output < outputs; output++)
        {
            part[output] += weights[row] * targets[(row * outputs) + output];
            squares += part[output] * part[output];
        }
        return squares / partWeight;
    }

    private void Part(int feature, int start, int middle, int end)
    {
        for (var i = start; i < end; i++)
        {
            isLeft[orders[feature][i]] = i < middle;
        }
        foreach (var order in orders)
        {
            Canceling.Check();
            var (left, right) = (start, 0);
            for (var i = start; i < end; i++)
            {
                var row = order[i];
                if (isLeft[row])
                {
                    order[left++] = row;
                }
                else
                {
                    spare[right++] = row;
                }
            }
            Array.Copy(spare, 0, order, middle, right);
        }
    }
}
