using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// A random forest of classification or regression trees, weighted: the mean of many trees, each grown on rows drawn
/// with replacement, each split of it looked for among a few drawn features.
/// </summary>
/// <remarks>
/// The trees are those of <see cref="DecisionTree"/>, without a limit of their depth unless one is given (Breiman 2001,
/// "Random Forests", Machine Learning). As many rows are drawn as there are, each with the same probability, and a row
/// that was drawn c times counts c times its weight. Features that are constant in a node take no place among the drawn
/// ones. The forest gives the mean of its trees' class shares or values, as scikit-learn's does; Breiman's trees vote.
/// The same rows and seed give the same forest. Costs per tree what <see cref="DecisionTree"/> costs; on the CPU.
/// </remarks>
public sealed record RandomForest : ILabelLearner
{
    /// <summary>How many trees. Default 100.</summary>
    [OptionRange(AtLeast = 1)]
    public int Trees { get; init; } = 100;

    /// <summary>
    /// The features that each split is looked for among; as many as there are where there are fewer. Default: the whole
    /// part of sqrt(d) for classes and of d / 3 for values, at least 1, as in R's randomForest.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int? Features { get; init; }

    /// <summary>The most splits from the root to a leaf. Default: as many as the rows allow.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxDepth { get; init; } = int.MaxValue;

    /// <summary>The least rows of a leaf, each drawn row counted once. Default 1.</summary>
    [OptionRange(AtLeast = 1)]
    public int MinRows { get; init; } = 1;

    /// <summary>The seed of the draws. Default 0.</summary>
    public long Seed { get; init; }

    /// <inheritdoc />
    public ILabelPredictor Fit(LabeledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Rows(data.Inputs);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var unfinished = new Unfinished();
        var (rows, d) = (new TreeRows(data), (int)data.Inputs.shape[1]);
        var features = Features ?? Math.Max(1, data.Space.IsValues ? d / 3 : (int)Math.Sqrt(d));
        var trees = new List<TreePredictor>();
        for (var tree = 0; tree < Trees; tree++)
        {
            Canceling.Check();
            var random = new RandomKey(Seed).Child(tree).Random();
            trees.Add(rows.Drawn(random, Math.Min(features, d), MaxDepth, MinRows));
            unfinished.Add(trees[^1]);
        }
        return unfinished.HandOver(new ForestPredictor(trees));
    }
}
