using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Predictors;

/// <summary>A classification or regression tree (CART), weighted: the usual weak learner of boosting. With depth 1 it is a decision stump.</summary>
/// <remarks>
/// Each split is the one of all features and thresholds, midway between neighbouring values, that most lowers the weighted squared error of the leaves' means; for
/// classes, as one-hot targets, that is the Gini impurity (Breiman, Friedman, Olshen and Stone 1984, "Classification and Regression Trees"). Ties go to the first
/// feature and the lowest threshold. No pruning. Rows of weight 0 are left out. Costs n d log n to sort and n d k a level for k outputs; on the CPU.
/// </remarks>
public sealed record DecisionTree : ILabelLearner
{
    /// <summary>The most splits from the root to a leaf. Default 6.</summary>
    public int MostDepth { get; init; } = 6;

    /// <summary>The least rows of a leaf. Default 1.</summary>
    public int LeastRows { get; init; } = 1;

    /// <summary>A tree with a single split.</summary>
    public static DecisionTree Stump { get; } = new() { MostDepth = 1 };

    /// <inheritdoc />
    public ILabelPredictor Fit(LabelledDomain data)
    {
        ArgumentNullException.ThrowIfNull(data);
        Guard.Rows(data.Inputs);
        ArgumentOutOfRangeException.ThrowIfLessThan(MostDepth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(LeastRows, 1);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var weights = data.Weights ?? ones(data.Count, device: data.Inputs.device);
        var kept = weights.gt(0).nonzero().squeeze(1);
        var columns = Numbers(data.Inputs.index_select(0, kept).t());
        var targets = Numbers(LabelTargets.Of(data, float64).index_select(0, kept));
        var growth = new TreeGrowth(columns, targets, Numbers(weights.index_select(0, kept)), MostDepth, LeastRows);
        return new TreePredictor(growth.Grow(), data.Inputs.shape[1], data.Inputs.device);
    }

    private static double[] Numbers(Tensor tensor) => tensor.to(float64).cpu().contiguous().data<double>().ToArray();
}
