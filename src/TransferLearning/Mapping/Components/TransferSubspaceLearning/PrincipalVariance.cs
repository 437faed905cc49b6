using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Keeps variance: <c>-tr(W'SW) / tr(S)</c> with the covariance S of the source's rows; labels are not used.
/// </summary>
public sealed record PrincipalVariance : ISubspaceObjective
{
    /// <inheritdoc />
    public Func<Tensor, Tensor> For(LabeledDomain source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var covariance = Statistics.Covariance(source.Inputs);
        covariance /= covariance.trace().clamp_min(1e-300);
        return w => (w * covariance.matmul(w)).sum().neg();
    }
}
