using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>The mean predictions of the last few batches, by which predictions are aligned.</summary>
internal static class BatchMeans
{
    /// <summary>
    /// The means <c>[k, C]</c> of the last batches, this one's the last, k at most the window. Opens no scope.
    /// </summary>
    public static Tensor After(Tensor? means, Tensor probabilities, long window)
    {
        var now = probabilities.detach().mean([0L], keepdim: true);
        var all = means is null ? now : cat([means, now]);
        var excess = Math.Max(0, all.shape[0] - window);
        return all.narrow(0, excess, all.shape[0] - excess).clone();
    }

    /// <summary>
    /// Probabilities <c>[n, C]</c> over the means' average, each row divided by its sum. Opens no scope.
    /// </summary>
    public static Tensor Evened(Tensor probabilities, Tensor means)
    {
        var moved = probabilities / means.mean([0L]).clamp_min(1e-12);
        return moved / moved.sum(1, keepdim: true).clamp_min(1e-30);
    }
}
