using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// Weights for the rows of a labeled batch that depend on the step: class shares, a critic's judgment.
/// </summary>
public interface IRowWeights : IPart, IPlanned
{
    /// <summary>
    /// Computes the weights; read them through <see cref="StepContext.Weights"/>, once a step and without gradient.
    /// </summary>
    /// <param name="step">The step.</param>
    /// <param name="batch">The batch.</param>
    /// <returns>Non-negative weights <c>[n]</c>.</returns>
    Tensor Weigh(StepContext step, LabeledBatch batch);
}
