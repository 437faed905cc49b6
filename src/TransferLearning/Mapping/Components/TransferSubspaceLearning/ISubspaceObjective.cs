using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>What a linear subspace is to keep of labeled rows.</summary>
/// <remarks>
/// It depends on the subspace alone, not on the axes in it, and not on the unit of the rows, so that one weight of a
/// divergence beside it means the same everywhere.
/// </remarks>
public interface ISubspaceObjective : IPlanned
{
    /// <summary>Prepares the objective.</summary>
    /// <param name="source">Labeled rows <c>[n, d]</c> in float64; they stay the caller's.</param>
    /// <returns>
    /// From orthonormal directions <c>[d, k]</c> to a scalar, smaller for better subspaces, differentiable. What it
    /// keeps lives in the caller's scope.
    /// </returns>
    Func<Tensor, Tensor> For(LabeledDomain source);
}
