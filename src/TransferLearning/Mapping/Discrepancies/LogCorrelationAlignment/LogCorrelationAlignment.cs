using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Log-CORAL: the distance of the two samples' covariances along the curved space of such matrices.</summary>
/// <remarks>
/// <c>||log(C_s + r I) - log(C_t + r I)||_F^2 / (4 d^2)</c> with matrix logarithms and centered covariances divided by
/// <c>n - 1</c> (Morerio, Cavazza and Murino 2018, "Minimal-Entropy Correlation Alignment for Unsupervised Deep Domain
/// Adaptation", equation 4). Small variances count as much as large ones. The gradient is the exact one of the
/// logarithm (Daleckii and Krein's formula), finite where eigenvalues coincide too; it cannot be differentiated again.
/// Weights of the source's rows weigh its mean and covariance. Costs n d^2 + d^3. Computed in float64.
/// </remarks>
public sealed record LogCorrelationAlignment : IWeightedDiscrepancy
{
    /// <summary>The ridge r on both covariances, not negative. Default 1e-3; 0 needs more rows than features.</summary>
    [OptionRange(AtLeast = 0)]
    public double Ridge { get; init; } = 1e-3;

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
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var ofSource = RowShares.Covariance(source.to(float64), RowShares.Of(source, weights));
        var ofTarget = Statistics.Covariance(target.to(float64));
        Tensor value,
            sourceSlope,
            targetSlope;
        using (no_grad())
        {
            var (s, t) = (Eigen(ofSource), Eigen(ofTarget));
            var gap = Logarithm(s) - Logarithm(t);
            double d = source.shape[1];
            value = gap.square().sum() / (4 * d * d);
            var slope = gap / (2 * d * d);
            (sourceSlope, targetSlope) = (Backward(s, slope), Backward(t, slope).neg());
        }
        // The value, and a term of value 0 that carries the slopes.
        return (
            value
            + (sourceSlope * (ofSource - ofSource.detach())).sum()
            + (targetSlope * (ofTarget - ofTarget.detach())).sum()
        )
            .to(source.dtype)
            .MoveToOuterDisposeScope();
    }

    private (Tensor Values, Tensor Vectors) Eigen(Tensor covariance)
    {
        var (values, vectors) = linalg.eigh(covariance.detach());
        return ((values.clamp_min(0) + Ridge).clamp_min(1e-30), vectors);
    }

    private static Tensor Logarithm((Tensor Values, Tensor Vectors) of) =>
        (of.Vectors * of.Values.log()).matmul(of.Vectors.t());

    // V (L o (V' G V)) V' with L_ij = (ln a_i - ln a_j) / (a_i - a_j), 1 / a_i where they coincide.
    private static Tensor Backward((Tensor Values, Tensor Vectors) of, Tensor slope)
    {
        var (rows, columns) = (of.Values.unsqueeze(1), of.Values.unsqueeze(0));
        // From the smaller to the larger, so that the logarithm's argument lies above 0 however far apart they are.
        var (low, high) = (rows.minimum(columns), rows.maximum(columns));
        var ratio = (high - low) / low;
        var isClose = ratio < 1e-6;
        var quotients = where(isClose, 2 / (low + high), ratio.log1p() / where(isClose, ones_like(ratio), high - low));
        return of.Vectors.matmul(quotients * of.Vectors.t().matmul(slope).matmul(of.Vectors)).matmul(of.Vectors.t());
    }
}
