using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>How much likelier rows of features are the target's than the source's, by a fitted classifier.</summary>
/// <param name="classifier">Tells rows of the source, class 0, from those of the target.</param>
/// <param name="least">What a probability counts as at the least.</param>
/// <param name="scale">The source's rows over the target's, of which the classifier's odds hold the inverse.</param>
internal sealed class FeatureRatio(ILabelPredictor classifier, double least, double scale) : IDisposable
{
    /// <summary>Fits a classifier to rows of both domains.</summary>
    public static FeatureRatio Fit(ILabelLearner learner, Tensor source, Tensor target)
    {
        Guard.Pair(source, target);
        using var scope = NewDisposeScope();
        var count = source.shape[0] + target.shape[0];
        var labels = cat([zeros(source.shape[0], int64, source.device), ones(target.shape[0], int64, source.device)]);
        var both = new LabeledDomain(cat([source, target]), labels, space: LabelSpace.Classes(2));
        return new FeatureRatio(learner.Fit(both), 1.0 / count, (double)source.shape[0] / target.shape[0]);
    }

    /// <summary>The ratio of the densities, float64 <c>[n]</c>, of the caller's scope.</summary>
    public Tensor Of(Tensor features)
    {
        using var scope = NewDisposeScope();
        var shares = Probabilities.Of(classifier, features).clamp_min(least);
        return ((shares.select(1, 1) / shares.select(1, 0)) * scale).MoveToOuterDisposeScope();
    }

    public void Dispose() => (classifier as IDisposable)?.Dispose();
}
