using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>How much likelier rows of features are the target's than the source's, by a fitted classifier.</summary>
/// <param name="classifier">Tells rows of the source, class 0, from those of the target.</param>
/// <param name="least">What a probability counts as at the least.</param>
internal sealed class FeatureRatio(ILabelPredictor classifier, double least) : IDisposable
{
    /// <summary>The ratio of the probabilities, float64 <c>[n]</c>, of the caller's scope.</summary>
    public Tensor Of(Tensor features)
    {
        using var scope = NewDisposeScope();
        var shares = Probabilities.Of(classifier, features).clamp_min(least);
        return (shares.select(1, 1) / shares.select(1, 0)).MoveToOuterDisposeScope();
    }

    public void Dispose() => (classifier as IDisposable)?.Dispose();
}
