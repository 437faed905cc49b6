using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>Labeled rows as trees are grown on them: columns on the CPU, rows of weight 0 left out.</summary>
internal sealed class TreeRows
{
    private readonly double[] columns; // feature after feature
    private readonly double[] targets; // row after row, less the center
    private readonly double[] weights;
    private readonly Tensor center;
    private readonly long width;
    private readonly ScoreKind scoreKind;

    /// <summary>Reads a domain; the center belongs to the caller's scope.</summary>
    public TreeRows(LabeledDomain data)
    {
        var all = RelativeWeights.Of(data);
        var kept = all.gt(0).nonzero().squeeze(1);
        var relative = all.index_select(0, kept);
        var labels = LabelTargets.Of(data, float64).index_select(0, kept);
        // Values are grown about their mean, or squares of far values would leave no digits for their differences.
        center = data.Space.IsValues
            ? relative.unsqueeze(0).matmul(labels).squeeze(0) / relative.sum()
            : zeros_like(labels[0]);
        (columns, weights) = (Numbers(data.Inputs.index_select(0, kept).t()), Numbers(relative));
        targets = Numbers(labels - center);
        (width, scoreKind) = (data.Inputs.shape[1], data.Space.IsValues ? ScoreKind.Values : ScoreKind.Probabilities);
    }

    /// <summary>A tree of all rows and features.</summary>
    public TreePredictor Grown(int maxDepth, int minRows) =>
        Predictor(new TreeGrowth(columns, targets, weights, maxDepth, minRows).Grow());

    /// <summary>A tree of rows drawn with replacement, each split of it among drawn features.</summary>
    public TreePredictor Drawn(Random random, int features, int maxDepth, int minRows)
    {
        var counts = new int[weights.Length];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[random.Next(counts.Length)]++;
        }
        int[] rows = [.. Enumerable.Range(0, counts.Length).Where(row => counts[row] > 0)];
        var outputs = targets.Length / weights.Length;
        var (someColumns, someTargets) = (new double[width * rows.Length], new double[rows.Length * outputs]);
        for (var feature = 0; feature < width; feature++)
        {
            Canceling.Check();
            for (var i = 0; i < rows.Length; i++)
            {
                someColumns[(feature * rows.Length) + i] = columns[(feature * counts.Length) + rows[i]];
            }
        }
        for (var i = 0; i < rows.Length; i++)
        {
            Array.Copy(targets, rows[i] * outputs, someTargets, i * outputs, outputs);
        }
        return Predictor(
            new TreeGrowth(
                someColumns,
                someTargets,
                [.. rows.Select(row => weights[row] * counts[row])],
                maxDepth,
                minRows,
                new FeatureDraw(random, (int)width, features)
            ).Grow()
        );
    }

    private TreePredictor Predictor(IReadOnlyList<TreeNode> nodes) => new(nodes, center, width, scoreKind);

    private static double[] Numbers(Tensor tensor) => tensor.to(float64).cpu().contiguous().data<double>().ToArray();
}
