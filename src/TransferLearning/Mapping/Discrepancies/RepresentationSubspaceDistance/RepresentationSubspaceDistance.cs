using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// RSD: the angles between the subspaces that the two batches span, and how differently their bases lie; for
/// regression.
/// </summary>
/// <remarks>
/// With <c>U_s, U_t</c> orthonormal bases of the rows (left singular vectors of <c>F'</c>) and
/// <c>U_s' U_t = P_s diag(cos a) P_t'</c>: <c>sum_i sin a_i + weight || |P_s| - |P_t| ||_F</c> (Chen, Wang, Wang, Long
/// and Wang 2021, "Representation Subspace Distance for Domain Adaptation Regression", equations 5 and 8). It leaves
/// the features' scale alone, which regression lives on. Bases are not unique where singular values coincide; their
/// gradient then leaves such pairs out, and stays finite. Example weights have no place in it. Computed in float64.
/// Needs batches of one size, not larger than the features are wide. Costs n^2 d.
/// </remarks>
/// <param name="mismatchWeight">The weight of the bases' mismatch, not negative; 0.1 in the paper's code.</param>
public sealed class RepresentationSubspaceDistance(double mismatchWeight) : IDiscrepancy
{
    /// <inheritdoc />
    public Tensor Between(Tensor source, Tensor target)
    {
        Guard.Pair(source, target);
        Guard.NotNegative(mismatchWeight);
        if (source.shape[0] != target.shape[0] || source.shape[0] > source.shape[1])
        {
            throw new ArgumentException(
                "source and target must have as many rows as each other, and no more than features; got "
                    + $"{Shape.Of(source)} and {Shape.Of(target)}.",
                nameof(target)
            );
        }
        using var scope = NewDisposeScope();
        var (ps, cosines, pt) = SingularVectors.Of(Basis(source).t().matmul(Basis(target)));
        // The root's slope is infinite at angle 0.
        var sines = (1 - cosines.square()).clamp_min(1e-12).sqrt().sum();
        var mismatch = (ps.abs() - pt.abs()).square().sum().clamp_min(1e-24).sqrt();
        return (sines + (mismatch * mismatchWeight)).to(source.dtype).MoveToOuterDisposeScope();
    }

    private static Tensor Basis(Tensor rows) => SingularVectors.Of(rows.to(float64).t()).U;

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.EqualBatches();
}
