using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>The share that each row has in a mean, and moments by such shares. Opens no scopes.</summary>
internal static class RowShares
{
    /// <summary>
    /// <c>w / sum w</c>, or <c>1/n</c> without weights: float64 <c>[n]</c>, of sum 1; <c>1/n</c> too where all weights
    /// are 0.
    /// </summary>
    public static Tensor Of(Tensor rows, Tensor? weights = null)
    {
        var n = rows.shape[0];
        if (weights is null)
        {
            return full(n, 1.0 / n, float64, rows.device);
        }
        if (weights.dim() != 1 || weights.shape[0] != n)
        {
            throw new ArgumentException(
                $"weights must be one a source row, [{n}]; got {Shape.Of(weights)}.",
                nameof(weights)
            );
        }
        var wide = weights.detach().to(float64);
        var sum = wide.sum();
        return where(sum > 0, wide / sum.clamp_min(1e-300), 1.0 / n);
    }

    /// <summary>
    /// The share of pairs of different rows, <c>1 - sum p^2</c>, which unbiased estimates divide by: <c>(n - 1) / n</c>
    /// for equal shares. Not below 1e-12.
    /// </summary>
    public static Tensor OfPairs(Tensor shares) => (1 - shares.square().sum()).clamp_min(1e-12);

    /// <summary>The mean <c>[1, d]</c> of rows in float64.</summary>
    public static Tensor Mean(Tensor rows, Tensor shares) => shares.unsqueeze(0).matmul(rows);

    /// <summary>
    /// The covariance <c>[d, d]</c> of rows in float64, <c>sum p (x - mean)(x - mean)' / (1 - sum p^2)</c>: divided by
    /// <c>n - 1</c> for equal shares.
    /// </summary>
    public static Tensor Covariance(Tensor rows, Tensor shares)
    {
        var centered = rows - Mean(rows, shares);
        return (centered * shares.unsqueeze(1)).t().matmul(centered) / OfPairs(shares);
    }
}
