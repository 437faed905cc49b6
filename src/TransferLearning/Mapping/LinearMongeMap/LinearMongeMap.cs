using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Linear Monge map: the cheapest transport between the Gaussians of the two domains.</summary>
/// <remarks>
/// <c>x -> mean_t + (x - mean_s) A</c>, <c>A = C_s^(-1/2) (C_s^(1/2) C_t C_s^(1/2))^(1/2) C_s^(-1/2)</c>, with covariances divided by n and the ridge added to their
/// diagonals (Peyré and Cuturi 2019, "Computational Optimal Transport", remark 2.31; Flamary, Lounici and Ferrari 2019). Unlike CORAL it moves means, and its A
/// is symmetric: nothing is turned for nothing. Target rows stay. Costs n d^2 + d^3 and d^2 memory.
/// </remarks>
public sealed record LinearMongeMap : IFeatureMapping
{
    /// <summary>The ridge on both covariances, positive. Default 1e-8.</summary>
    public double Ridge { get; init; } = 1e-8;

    /// <inheritdoc />
    public IFeatureExtractor Fit(DomainSet domains, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(domains);
        using var scope = NewDisposeScope();
        return new PerDomainExtractor(Fit(domains.PooledSources().Inputs, domains.Target.Inputs), ExtractorChain.Of());
    }

    /// <summary>Fits the map of source rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <returns>The map; the caller disposes it. Called with the arguments exchanged it gives the inverse.</returns>
    public AffineMap Fit(Tensor source, Tensor target)
    {
        Guard.Pair(source, target, least: 2);
        Guard.Positive(Ridge);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var ridge = eye(source.shape[1], dtype: float64, device: source.device) * Ridge;
        Tensor Covariance(Tensor rows) =>
            (Statistics.Covariance(rows) * ((rows.shape[0] - 1.0) / rows.shape[0])) + ridge;
        var (x, y) = (source.to(float64), target.to(float64));
        var covariance = Covariance(x);
        var (root, inverse) = (Statistics.Power(covariance, 0.5), Statistics.Power(covariance, -0.5));
        var middle = Statistics.Power(root.matmul(Covariance(y)).matmul(root), 0.5);
        var matrix = inverse.matmul(middle).matmul(inverse);
        var offset = y.mean([0L]) - x.mean([0L], keepdim: true).matmul(matrix).squeeze(0);
        return new AffineMap(matrix.to(source.dtype), offset.to(source.dtype));
    }
}
