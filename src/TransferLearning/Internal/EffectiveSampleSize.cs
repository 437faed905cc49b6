using System.Globalization;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>How many equal weights some weights are worth (Kish 1965): <c>(sum w)^2 / sum w^2</c>.</summary>
internal static class EffectiveSampleSize
{
    public static double Of(Tensor weights)
    {
        using var scope = NewDisposeScope();
        var wide = weights.to(float64);
        return (wide.sum().square() / wide.square().sum()).item<double>();
    }

    /// <summary>
    /// Warns where a weighting leaves less than a third of the rows: what is learned from so few is often worse than
    /// from all of them unweighted.
    /// </summary>
    /// <param name="weights">The weights <c>[n]</c>.</param>
    /// <param name="whose">Whose they are, in words.</param>
    /// <param name="run">The run that hears the warning.</param>
    public static void WarnIfSmall(Tensor weights, string whose, FitRun run)
    {
        var (effective, count) = (Of(weights), weights.shape[0]);
        if (effective < count / 3.0)
        {
            run.Warn(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the weights of {whose} rest on few rows: {count} examples count as {effective:F1}, so the "
                        + $"learner sees too little of the rest. The domains hardly overlap in this representation; "
                        + $"widen the kernel, bound the weights, or map the features first."
                )
            );
        }
    }
}
