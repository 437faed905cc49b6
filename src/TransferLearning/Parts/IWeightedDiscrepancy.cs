using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>
/// A gap between two samples of features that can weigh the source's rows: as a penalty it goes with example weights.
/// </summary>
public interface IWeightedDiscrepancy : IDiscrepancy
{
    /// <summary>
    /// Measures the gap with every mean over source rows a weighted one; differentiable in both samples.
    /// </summary>
    /// <param name="source">Source features <c>[n, d]</c>.</param>
    /// <param name="target">Target features <c>[m, d]</c>.</param>
    /// <param name="weights">
    /// Weights <c>[n]</c> of the source rows, not negative, constants. They are divided by their sum, so that their
    /// scale does not matter; equal ones give <see cref="IDiscrepancy.Between"/>, and so do weights that are all 0.
    /// </param>
    /// <returns>A scalar tensor of the inputs' dtype on their device; the caller disposes it.</returns>
    Tensor BetweenWeighted(Tensor source, Tensor target, Tensor weights);
}
