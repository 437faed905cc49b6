using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>What the boosting of regressions shares.</summary>
internal static class RegressionErrors
{
    /// <summary>
    /// The adjusted errors <c>[n]</c> of AdaBoost.R2, at most 1: each row's distance from its values, over the largest
    /// of all rows that the caller gave a weight.
    /// </summary>
    public static Tensor Of(ILabelPredictor predictor, LabeledDomain data)
    {
        var gaps = predictor.Predict(data.Inputs).reshape(data.Count, -1) - data.Labels.reshape(data.Count, -1);
        var distances = gaps.to(float64).square().sum(1).sqrt();
        var counted = data.Weights is { } weights ? distances * weights.gt(0).to(float64) : distances;
        return (distances / counted.max().clamp_min(1e-300)).clamp_max(1);
    }

    /// <summary>The rows with weights of mean 1, as learners with a penalty expect them.</summary>
    public static LabeledDomain Weighted(LabeledDomain data, Tensor shares) =>
        data.WithWeights((shares * data.Count).to(data.Inputs.dtype));

    /// <summary>Faults of a chain that boosts a regression.</summary>
    public static ChainPlan Plan(ChainPlan plan)
    {
        plan.AddFaults(plan.LabeledTarget());
        if (!plan.Domains.Space.IsValues)
        {
            plan.Fault($"predicts values; the labels are {plan.Domains.Space}. For classes use TrAdaBoost.");
        }
        return plan.WithFittedPredictor();
    }

    /// <summary>Refuses labels that are not values.</summary>
    public static void Check(LabeledDomain source, LabeledDomain target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        Guard.Pair(source.Inputs, target.Inputs, sourceName: nameof(source), targetName: nameof(target));
        if (!source.Space.IsValues || source.Space != target.Space)
        {
            throw new ArgumentException(
                $"labels must be values, alike in both domains; got {source.Space} and {target.Space}.",
                nameof(source)
            );
        }
    }
}
