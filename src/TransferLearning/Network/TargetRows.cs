using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>The labeled rows by which a fitted forest is refined, on the CPU.</summary>
internal sealed class TargetRows
{
    private readonly double[] inputs; // row after row
    private readonly long[] labels;
    private readonly double[] weights;
    private readonly int width;
    private readonly int classes;

    private TargetRows(LabeledDomain data)
    {
        var all = RelativeWeights.Of(data);
        var kept = all.gt(0).nonzero().squeeze(1);
        inputs = Numbers(data.Inputs.index_select(0, kept));
        weights = Numbers(all.index_select(0, kept));
        labels = data.Labels.index_select(0, kept).to(int64).cpu().data<long>().ToArray();
        (width, classes) = ((int)data.Inputs.shape[1], (int)data.Space.Width);
    }

    /// <summary>All of them.</summary>
    public int[] All => [.. Enumerable.Range(0, labels.Length)];

    /// <summary>Refines every tree of a forest of classes, which the caller keeps.</summary>
    public static ForestPredictor Refine(
        ForestPredictor start,
        LabeledDomain data,
        params Func<TargetRows, IReadOnlyList<TreeNode>, IReadOnlyList<TreeNode>>[] rules
    )
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Rows(data.Inputs);
        Guard.Fitted(data.Inputs, start.Trees[0].Width);
        if (!data.Space.IsClasses || start.ScoreKind == ScoreKind.Values)
        {
            throw new ArgumentException(
                $"trees are refined for classes; the first forest is of {start.ScoreKind} and the labels are "
                    + $"{data.Space}.",
                nameof(data)
            );
        }
        if (start.Trees[0].Outputs != data.Space.Width)
        {
            throw new ArgumentException(
                $"the first forest knows {start.Trees[0].Outputs} classes, and the labels are {data.Space}: both must "
                    + "be of the same classes.",
                nameof(data)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var unfinished = new Unfinished();
        var rows = new TargetRows(data);
        var center = zeros(rows.classes, float64, data.Inputs.device);
        var refined = new List<TreePredictor>();
        foreach (var rule in rules)
        {
            foreach (var tree in start.Trees)
            {
                Canceling.Check();
                refined.Add(new TreePredictor(rule(rows, tree.Read()), center, rows.width, ScoreKind.Probabilities));
                unfinished.Add(refined[^1]);
            }
        }
        return unfinished.HandOver(new ForestPredictor(refined));
    }

    /// <summary>A row's value of a feature.</summary>
    public double Value(int row, long feature) => inputs[(row * width) + feature];

    /// <summary>The weight of each class among some rows.</summary>
    public double[] Counts(IEnumerable<int> rows)
    {
        var counts = new double[classes];
        foreach (var row in rows)
        {
            counts[labels[row]] += weights[row];
        }
        return counts;
    }

    /// <summary>The weight of each class among the first 0, 1, 2, ... of some rows.</summary>
    public double[][] Running(int[] rows)
    {
        var counts = new double[rows.Length + 1][];
        counts[0] = new double[classes];
        for (var i = 0; i < rows.Length; i++)
        {
            counts[i + 1] = [.. counts[i]];
            counts[i + 1][labels[rows[i]]] += weights[rows[i]];
        }
        return counts;
    }

    /// <summary>Whether some rows are all of one class.</summary>
    public bool IsPure(int[] rows) => rows.All(row => labels[row] == labels[rows[0]]);

    /// <summary>The rows that a split sends to the left and to the right.</summary>
    public (int[] Left, int[] Right) Split(int[] rows, long feature, double threshold) =>
        (
            [.. rows.Where(row => !(Value(row, feature) > threshold))],
            [.. rows.Where(row => Value(row, feature) > threshold)]
        );

    /// <summary>A tree of some rows, grown until no split lowers its impurity.</summary>
    public IReadOnlyList<TreeNode> Grown(int[] rows)
    {
        var columns = Enumerable.Range(0, width).SelectMany(feature => rows.Select(row => Value(row, feature)));
        var targets = rows.SelectMany(row => Enumerable.Range(0, classes).Select(k => k == labels[row] ? 1.0 : 0));
        var rates = rows.Select(row => weights[row]);
        return new TreeGrowth([.. columns], [.. targets], [.. rates], int.MaxValue, 1).Grow();
    }

    private static double[] Numbers(Tensor tensor) => tensor.to(float64).cpu().contiguous().data<double>().ToArray();
}
