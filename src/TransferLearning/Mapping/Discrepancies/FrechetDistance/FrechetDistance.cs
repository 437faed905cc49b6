using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The Fréchet distance: the squared Wasserstein distance of the Gaussians that have the samples' means and
/// covariances.
/// </summary>
/// <remarks>
/// <c>||m_s - m_t||^2 + tr(C_s + C_t - 2 (C_s C_t)^(1/2))</c>, covariances with n - 1 (Dowson and Landau 1982; Heusel
/// et al. 2017). The last trace is the sum of the singular values of the product of the centered samples, which is
/// differentiated in both. Weights of the source's rows weigh its moments. Computed in float64. Costs n m d + n m
/// min(n, m).
/// </remarks>
public sealed record FrechetDistance : IWeightedDiscrepancy
{
    /// <summary>
    /// Whether samples are brought to one scale first, by the mean of their standard deviations over all entries, and
    /// the result is divided by d. Default false.
    /// </summary>
    public bool Normalizes { get; init; }

    /// <inheritdoc />
    public Tensor Between(Tensor source, Tensor target) => Of(source, target, null);

    /// <inheritdoc />
    public Tensor BetweenWeighted(Tensor source, Tensor target, Tensor weights)
    {
        Guard.Alive(weights);
        return Of(source, target, weights);
    }

    private Tensor Of(Tensor source, Tensor target, Tensor? weights)
    {
        Guard.Pair(source, target, least: 2);
        using var scope = NewDisposeScope();
        var (s, t) = (source.to(float64), target.to(float64));
        var (ofSource, ofTarget) = (RowShares.Of(source, weights), RowShares.Of(target));
        var (x, y) = Normalizes ? GlobalScale.Of(s, t, ofSource) : (s, t);
        var (xMean, yMean) = (RowShares.Mean(x, ofSource), RowShares.Mean(y, ofTarget));
        static Tensor Root(Tensor centered, Tensor shares) =>
            centered * (shares / RowShares.OfPairs(shares)).sqrt().unsqueeze(1);
        var (a, b) = (Root(x - xMean, ofSource), Root(y - yMean, ofTarget));
        var shared = linalg.svdvals(a.matmul(b.t())).sum();
        var distance = (xMean - yMean).square().sum() + a.square().sum() + b.square().sum() - (2 * shared);
        return (Normalizes ? distance / source.shape[1] : distance).to(source.dtype).MoveToOuterDisposeScope();
    }
}
