using System.Globalization;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>Tames the weights of any weighting, and measures how many rows they are worth.</summary>
/// <remarks>
/// A few huge weights make a learner follow a few rows: a little bias, by clipping (Ionides 2008, "Truncated Importance
/// Sampling") or flattening (Shimodaira 2000), often buys much less variance. The verbs chain, and apply in the order
/// of the calls.
/// </remarks>
public static class WeightShaping
{
    /// <summary>Cuts every weight at a multiple of the mean weight.</summary>
    /// <param name="weighting">What computes the weights.</param>
    /// <param name="most">The largest weight, in means; positive.</param>
    public static IInstanceWeighting Clipped(this IInstanceWeighting weighting, double most)
    {
        ArgumentNullException.ThrowIfNull(weighting);
        Guard.Positive(most);
        return new ShapedWeighting(weighting, weights => weights.minimum(weights.mean() * most));
    }

    /// <summary>Raises every weight to a power: 1 leaves them, 0 makes them all alike.</summary>
    /// <param name="weighting">What computes the weights.</param>
    /// <param name="power">The power, from 0 to 1.</param>
    public static IInstanceWeighting Flattened(this IInstanceWeighting weighting, double power)
    {
        ArgumentNullException.ThrowIfNull(weighting);
        if (power is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(power),
                power,
                string.Create(CultureInfo.InvariantCulture, $"power must lie in 0 ... 1; got {power}.")
            );
        }
        return new ShapedWeighting(weighting, weights => weights.pow(power));
    }

    /// <summary>Divides the weights by their mean, so that they sum to the number of rows.</summary>
    /// <param name="weighting">What computes the weights.</param>
    public static IInstanceWeighting SelfNormalized(this IInstanceWeighting weighting)
    {
        ArgumentNullException.ThrowIfNull(weighting);
        return new ShapedWeighting(weighting, weights => weights / weights.mean());
    }

    /// <summary>
    /// How many equal weights some weights are worth, <c>(sum w)^2 / sum w^2</c> (Kish 1965, "Survey Sampling"): from
    /// 1, where one row has it all, to n.
    /// </summary>
    /// <param name="weights">Weights <c>[n]</c>, not negative, not all zero.</param>
    public static double EffectiveSampleSize(Tensor weights)
    {
        Guard.Alive(weights);
        return Internal.EffectiveSampleSize.Of(weights);
    }
}
