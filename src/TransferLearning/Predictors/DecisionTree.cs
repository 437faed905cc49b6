using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>
/// A classification or regression tree (CART), weighted: the usual weak learner of boosting. With depth 1 it is a
/// decision stump.
/// </summary>
/// <remarks>
/// Each split is the one of all features and thresholds, midway between neighboring values, that most lowers the
/// weighted squared error of the leaves' means; for classes, as one-hot targets, that is the Gini impurity (Breiman,
/// Friedman, Olshen and Stone 1984, "Classification and Regression Trees"). Ties go to the first feature and the lowest
/// threshold. No pruning. Rows of weight 0 are left out. Costs n d log n to sort and n d k a level for k outputs; on
/// the CPU.
/// </remarks>
public sealed record DecisionTree : ILabelLearner
{
    /// <summary>The most splits from the root to a leaf. Default 6.</summary>
    [OptionRange(AtLeast = 1)]
    public int MaxDepth { get; init; } = 6;

    /// <summary>The least rows of a leaf. Default 1.</summary>
    [OptionRange(AtLeast = 1)]
    public int MinRows { get; init; } = 1;

    /// <summary>A tree with a single split.</summary>
    public static DecisionTree Stump { get; } = new() { MaxDepth = 1 };

    /// <inheritdoc />
    public ILabelPredictor Fit(LabeledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Rows(data.Inputs);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return new TreeRows(data).Grown(MaxDepth, MinRows);
    }
}
