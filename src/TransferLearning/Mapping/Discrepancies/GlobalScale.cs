using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Two samples brought to one scale by one mean and one standard deviation over all their entries.</summary>
internal static class GlobalScale
{
    /// <param name="source">Source rows in float64.</param>
    /// <param name="target">Target rows in float64.</param>
    /// <param name="shares">The source rows' shares of its moments.</param>
    public static (Tensor Source, Tensor Target) Of(Tensor source, Tensor target, Tensor shares)
    {
        var (ofSource, ofTarget) = (Moments(source, shares), Moments(target, RowShares.Of(target)));
        var spread = ((ofSource.Spread + ofTarget.Spread) / 2).clamp_min(1e-150);
        var mean = (ofSource.Mean + ofTarget.Mean) / 2;
        return ((source - mean) / spread, (target - mean) / spread);
    }

    // Entries that are all alike have spread 0 and, as the root there has none, slope 0.
    private static (Tensor Mean, Tensor Spread) Moments(Tensor rows, Tensor shares)
    {
        var mean = shares.dot(rows.mean([1L]));
        return (mean, shares.dot((rows - mean).square().mean([1L])).clamp_min(1e-300).sqrt());
    }
}
