using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>Gives every source example a weight, so that the weighted source resembles the target.</summary>
/// <remarks>Only the weights' ratios matter: when they enter a domain they are divided by their mean.</remarks>
public interface IInstanceWeighting : IPart, IPlanned
{
    /// <summary>Computes the weights.</summary>
    /// <param name="source">The source rows <c>[n, d]</c>, with labels.</param>
    /// <param name="target">The target rows <c>[m, d]</c>.</param>
    /// <param name="context">Randomness, cancellation and progress of the surrounding fit.</param>
    /// <returns>
    /// Non-negative weights <c>[n]</c>, of the rows' dtype and device; the caller disposes them. A fit refuses negative
    /// ones.
    /// </returns>
    Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context);
}
