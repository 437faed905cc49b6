using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>
/// Rows in the order of their scores, and where the relevant ones stand; rows of equal scores have no order and count
/// together, as scikit-learn's average precision takes them. All belongs to the caller's scope.
/// </summary>
/// <param name="Sums">Of the first 0, 1, ..., n rows, how many are relevant, <c>[q, n + 1]</c>.</param>
/// <param name="Before">How many rows have a larger score than the row at each place, <c>[q, n]</c>.</param>
/// <param name="UpTo">How many rows have a score at least as large, <c>[q, n]</c>.</param>
/// <param name="Precisions">
/// The mean, over the relevant rows, of the share of relevant ones among the rows of at least their score, <c>[q]</c>;
/// 0 where none is relevant.
/// </param>
internal readonly record struct Ranking(Tensor Sums, Tensor Before, Tensor UpTo, Tensor Precisions)
{
    /// <summary>Ranks by float64 scores <c>[q, n]</c>, the largest first.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="isRelevant">1 for relevant rows and 0 for others, float64 <c>[q, n]</c>.</param>
    public static Ranking Of(Tensor scores, Tensor isRelevant)
    {
        var (far, order) = scores.neg().sort(1);
        var found = isRelevant.gather(1, order);
        var sums = cat([zeros_like(found.narrow(1, 0, 1)), found.cumsum(1)], 1);
        far = far.contiguous();
        var (before, upTo) = (searchsorted(far, far), searchsorted(far, far, right: true));
        var all = isRelevant.sum(1);
        var precisions = (found * sums.gather(1, upTo) / upTo.to(float64)).sum(1) / all.clamp_min(1);
        return new Ranking(sums, before, upTo, precisions);
    }
}
