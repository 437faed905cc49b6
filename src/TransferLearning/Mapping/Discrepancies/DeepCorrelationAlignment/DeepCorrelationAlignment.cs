using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Deep CORAL: the squared distance of the two samples' covariances, as a penalty on features.</summary>
/// <remarks>
/// <c>||C_s - C_t||_F^2 / (4 d^2)</c> with covariances divided by <c>n - 1</c> (Sun and Saenko 2016, "Deep CORAL:
/// Correlation Alignment for Deep Domain Adaptation", equations 1 to 3). Some libraries compute a mean square plus a
/// difference of means under this name; the paper has neither. Means are not aligned. Weights of the source's rows
/// weigh its mean and covariance. Differentiable in both samples; costs n d^2. Computed in float64.
/// </remarks>
public sealed class DeepCorrelationAlignment : IWeightedDiscrepancy
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
        var gap =
            RowShares.Covariance(source.to(float64), RowShares.Of(source, weights))
            - Statistics.Covariance(target.to(float64));
        double d = source.shape[1];
        return (gap.square().sum() / (4 * d * d)).to(source.dtype).MoveToOuterDisposeScope();
    }
}
