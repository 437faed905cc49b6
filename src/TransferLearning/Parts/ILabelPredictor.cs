using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>Turns a representation into scores for classes, or into predicted values.</summary>
/// <remarks>
/// A network's head, ridge or logistic regression, nearest neighbors, an ensemble. For classes the largest score of a
/// row marks the predicted class, and <see cref="ScoreKind"/> says how probabilities follow from the scores. The result
/// belongs to the caller.
/// </remarks>
public interface ILabelPredictor : IPart
{
    /// <summary>Predicts from features.</summary>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <returns>Scores <c>[n, classes]</c> or values <c>[n, k]</c>.</returns>
    Tensor Predict(Tensor features);

    /// <summary>What the scores are. Default logits.</summary>
    ScoreKind ScoreKind => ScoreKind.Logits;

    /// <summary>
    /// Whether the last score is of an unknown class, beyond those that labels had: a model then knows it, too. Default
    /// false.
    /// </summary>
    bool SaysUnknown => false;
}
