using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>Turns a representation into scores for classes, or into predicted values.</summary>
/// <remarks>
/// A network's head, ridge or logistic regression, nearest neighbors, an ensemble. For classes the scores are logits or
/// anything else whose largest entry marks the predicted class. The result belongs to the caller.
/// </remarks>
public interface ILabelPredictor
{
    /// <summary>Predicts from features.</summary>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <returns>Scores <c>[n, classes]</c> or values <c>[n, k]</c>.</returns>
    Tensor Predict(Tensor features);
}
