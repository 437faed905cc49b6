using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>The Fréchet distance: the squared Wasserstein distance of the Gaussians that have the samples' means and covariances.</summary>
/// <remarks>
/// <c>||m_s - m_t||^2 + tr(C_s + C_t - 2 (C_s C_t)^(1/2))</c>, covariances with n - 1 (Dowson and Landau 1982; Heusel et al. 2017). The last trace is the sum of the singular
/// values of the product of the centred samples, which is differentiated in both. Costs n m d + n m min(n, m).
/// </remarks>
public sealed record FrechetDistance : IDiscrepancy
{
    /// <summary>Whether samples are brought to one scale first, by the mean of their standard deviations over all entries, and the result is divided by d. Default false.</summary>
    public bool Normalizes { get; init; }

    /// <inheritdoc />
    public Tensor Between(Tensor source, Tensor target)
    {
        Guard.Pair(source, target, least: 2);
        using var scope = NewDisposeScope();
        var (x, y) = Normalizes ? GlobalScale.Of(source, target) : (source, target);
        var (xMean, yMean) = (x.mean([0L]), y.mean([0L]));
        var a = (x - xMean) / Math.Sqrt(x.shape[0] - 1);
        var b = (y - yMean) / Math.Sqrt(y.shape[0] - 1);
        var shared = linalg.svd(a.matmul(b.t()), fullMatrices: false).S.sum();
        var distance = (xMean - yMean).square().sum() + a.square().sum() + b.square().sum() - (2 * shared);
        return (Normalizes ? distance / source.shape[1] : distance).MoveToOuterDisposeScope();
    }
}
