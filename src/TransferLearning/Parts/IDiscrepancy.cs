using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>The gap between two samples of features.</summary>
/// <remarks>The same object serves as a training penalty, as a diagnostic and as a selection score.</remarks>
public interface IDiscrepancy : IPart, IPlanned
{
    /// <summary>Measures the gap between two samples; differentiable in both.</summary>
    /// <param name="source">Source features <c>[n, d]</c>.</param>
    /// <param name="target">Target features <c>[m, d]</c>.</param>
    /// <returns>A scalar tensor of the inputs' dtype on their device; the caller disposes it.</returns>
    Tensor Between(Tensor source, Tensor target);
}
