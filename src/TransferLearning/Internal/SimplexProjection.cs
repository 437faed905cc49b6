using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>The nearest weights that are not negative and have a given sum.</summary>
internal static class SimplexProjection
{
    /// <summary>
    /// <c>max(0, w - tau)</c> with the tau that makes the sum right (Held, Wolfe and Crowder 1974); one sort. Opens no
    /// scope.
    /// </summary>
    /// <param name="weights">Any numbers <c>[n]</c>, or rows of them <c>[q, n]</c>, each with its own tau.</param>
    /// <param name="sum">The sum, positive.</param>
    public static Tensor Of(Tensor weights, double sum)
    {
        var (sorted, _) = weights.sort(-1, descending: true);
        var counts = arange(1, weights.shape[^1] + 1, weights.dtype, weights.device);
        var levels = (sorted.cumsum(-1) - sum) / counts;
        var last = sorted.gt(levels).to(int64).sum([-1L], keepdim: true) - 1L;
        return (weights - levels.gather(-1, last)).clamp_min(0);
    }
}
