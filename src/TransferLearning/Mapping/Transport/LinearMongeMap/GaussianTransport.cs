using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Optimal transport between Gaussians (Peyré and Cuturi 2019, remark 2.31).</summary>
internal static class GaussianTransport
{
    /// <summary>
    /// The symmetric matrix <c>A = C_s^(-1/2) (C_s^(1/2) C_t C_s^(1/2))^(1/2) C_s^(-1/2)</c>, which carries one
    /// covariance into the other; it belongs to the caller's scope.
    /// </summary>
    /// <param name="source">The covariance C_s <c>[d, d]</c>, positive definite.</param>
    /// <param name="target">The covariance C_t <c>[d, d]</c>.</param>
    public static Tensor Matrix(Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (root, inverse) = (Statistics.Power(source, 0.5), Statistics.Power(source, -0.5));
        var middle = Statistics.Power(root.matmul(target).matmul(root), 0.5);
        return inverse.matmul(middle).matmul(inverse).MoveToOuterDisposeScope();
    }

    /// <summary>The cheapest map <c>x -> mean_t + (x - mean_s) A</c> of one Gaussian onto another.</summary>
    public static AffineMap Map((Tensor Mean, Tensor Covariance) source, (Tensor Mean, Tensor Covariance) target)
    {
        using var scope = NewDisposeScope();
        var matrix = Matrix(source.Covariance, target.Covariance);
        var offset = target.Mean - source.Mean.unsqueeze(0).matmul(matrix).squeeze(0);
        return new AffineMap(matrix, offset);
    }

    /// <summary>
    /// Mean and covariance, divided by n, with a ridge on the diagonal; they belong to the caller's scope.
    /// </summary>
    public static (Tensor Mean, Tensor Covariance) Of(Data.Moments moments, double ridge)
    {
        using var scope = NewDisposeScope();
        var covariance = moments.Scatter / moments.Count;
        covariance.diagonal().add_(ridge);
        return (moments.Mean, covariance.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// The covariance of the Gaussian that lies between several, all counting alike; it belongs to the caller's scope.
    /// </summary>
    /// <remarks>
    /// <c>S = 1/K sum_k (S^(1/2) C_k S^(1/2))^(1/2)</c> by the fixed point <c>S &lt;- M S M</c>, M the mean of the
    /// <see cref="Matrix"/> from S to each C_k (Álvarez-Esteban, del Barrio, Cuesta-Albertos and Matrán 2016, "A
    /// Fixed-Point Approach to Barycenters in Wasserstein Space").
    /// </remarks>
    /// <param name="covariances">The covariances <c>[d, d]</c>, positive definite.</param>
    /// <param name="tolerance">The distance of M from the identity, relative to its norm, at which it ends.</param>
    /// <param name="maxRounds">The most rounds.</param>
    /// <param name="cancellation">Stops it.</param>
    public static Tensor Barycenter(
        IReadOnlyList<Tensor> covariances,
        double tolerance,
        int maxRounds,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        static Tensor MeanOf(IEnumerable<Tensor> parts, int count) =>
            parts.Aggregate((sum, next) => sum + next) / count;
        var between = MeanOf(covariances, covariances.Count).clone();
        var identity = eye(between.shape[0], dtype: float64, device: between.device);
        for (var round = 0; round < maxRounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var roundScope = NewDisposeScope();
            var step = MeanOf(covariances.Select(covariance => Matrix(between, covariance)), covariances.Count);
            var next = step.matmul(between).matmul(step);
            between.copy_((next + next.t()) / 2);
            if (((step - identity).norm() / identity.norm()).item<double>() <= tolerance)
            {
                break;
            }
        }
        return between.MoveToOuterDisposeScope();
    }
}
