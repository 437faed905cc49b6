using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>How well a classifier tells two domains apart: the core of every A-distance.</summary>
internal static class DomainClassification
{
    /// <summary>The distance for a domain classifier's error, <c>2 (1 - 2 e)</c>.</summary>
    public static double Distance(double error) => 2 * (1 - (2 * error));

    /// <summary>The share of rows that a classifier, fitted to labeled rows, reads as of another domain.</summary>
    /// <param name="learner">The classifier.</param>
    /// <param name="fit">The rows that it is fitted to, their labels 0 for the source's and 1 for the target's.</param>
    /// <param name="rows">The rows <c>[n, d]</c> that it is judged by.</param>
    /// <param name="domains">Their labels <c>[n]</c>, likewise.</param>
    /// <param name="weights">What they count <c>[n]</c>, float64 of sum 1; null for all alike.</param>
    public static double Error(
        ILabelLearner learner,
        LabeledDomain fit,
        Tensor rows,
        Tensor domains,
        Tensor? weights = null
    )
    {
        using var scope = NewDisposeScope();
        var predictor = learner.Fit(fit);
        using var owned = predictor as IDisposable;
        var isWrong = predictor.Predict(rows).argmax(1).ne(domains).to(float64);
        return (weights is null ? isWrong.mean() : isWrong.dot(weights)).item<double>();
    }
}
