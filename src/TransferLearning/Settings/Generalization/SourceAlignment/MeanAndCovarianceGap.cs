using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>The mean squared differences of two samples' means and covariances.</summary>
/// <remarks>
/// <c>1/d sum_i (m_i - m'_i)^2 + 1/d^2 sum_ij (C_ij - C'_ij)^2</c> with covariances divided by <c>n - 1</c>: what
/// DomainBed calls CORAL (Gulrajani and Lopez-Paz 2021, "In Search of Lost Domain Generalization"). Its covariances
/// count four times as much as in Deep CORAL, whose paper aligns no means. Weights of the first sample's rows weigh its
/// mean and covariance. Costs n d^2. Computed in float64.
/// </remarks>
public sealed class MeanAndCovarianceGap : IWeightedDiscrepancy
{
    /// <inheritdoc />
    public Tensor Between(Tensor source, Tensor target) => Of(source, target, null);

    /// <inheritdoc />
    public Tensor BetweenWeighted(Tensor source, Tensor target, Tensor weights)
    {
        Guard.Alive(weights);
        return Of(source, target, weights);
    }

    private static Tensor Of(Tensor source, Tensor target, Tensor? weights)
    {
        Guard.Pair(source, target, least: 2);
        using var scope = NewDisposeScope();
        var (one, other) = (source.to(float64), target.to(float64));
        var (ofOne, ofOther) = (RowShares.Of(source, weights), RowShares.Of(target));
        var means = RowShares.Mean(one, ofOne) - RowShares.Mean(other, ofOther);
        var covariances = RowShares.Covariance(one, ofOne) - RowShares.Covariance(other, ofOther);
        return (means.square().mean() + covariances.square().mean()).to(source.dtype).MoveToOuterDisposeScope();
    }
}
