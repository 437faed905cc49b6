using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Means, covariances and matrix powers.</summary>
internal static class Statistics
{
    /// <summary>The covariance <c>[d, d]</c> of rows, divided by <c>n - 1</c>; a single row has covariance 0.</summary>
    public static Tensor Covariance(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var centered = rows - rows.mean([0L], keepdim: true);
        return (centered.t().matmul(centered) / Math.Max(1, rows.shape[0] - 1)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// A real power of a symmetric positive semi-definite matrix by its eigenvalues; those not above
    /// <paramref name="floor"/> count as 0 for negative powers.
    /// </summary>
    public static Tensor Power(Tensor symmetric, double exponent, double floor = 0)
    {
        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(symmetric);
        var kept = values.clamp_min(0);
        var powers = exponent >= 0 ? kept.pow(exponent) : where(kept.gt(floor), kept.pow(exponent), zeros_like(kept));
        return (vectors * powers).matmul(vectors.t()).MoveToOuterDisposeScope();
    }
}
