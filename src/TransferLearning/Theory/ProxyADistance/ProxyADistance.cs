using System.Globalization;
using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Theory;

/// <summary>The proxy A-distance: how well a classifier can tell the domains apart.</summary>
/// <remarks>
/// <c>2 (1 - 2 e)</c> for the error e of a domain classifier: 0 where the domains cannot be told apart, 2 where they
/// can without fail (Ben-David, Blitzer, Crammer and Pereira 2007, "Analysis of Representations for Domain
/// Adaptation"). By default half of each domain, drawn by the seed, fits each classifier, the rest tests it, and the
/// least error counts, as the distance is defined by the best classifier. Both domains count alike in the fit and in
/// the error, whatever their sizes. An error above one half counts as its mirror image, so that the distance is never
/// negative.
/// </remarks>
public sealed record ProxyADistance
{
    /// <summary>
    /// The classifiers that are tried, at least one. Default logistic regressions of inverse penalties 0.001 to 100 by
    /// tens.
    /// </summary>
    public IReadOnlyList<ILabelLearner> Learners { get; init; } =
    [.. new[] { 0.001, 0.01, 0.1, 1, 10, 100 }.Select(c => new LogisticRegression { InversePenalty = c })];

    /// <summary>By which rows the classifiers are judged. Default half of each domain, drawn by the seed.</summary>
    public JudgedRows Judged { get; init; }

    /// <summary>The seed of the drawn halves. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Measures the distance.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>, at least 4.</param>
    /// <param name="target">Target rows <c>[m, d]</c>, at least 4.</param>
    /// <returns>A number from 0 to 2.</returns>
    public double Between(Tensor source, Tensor target)
    {
        Guard.Pair(source, target, least: 4);
        Guard.Options(this);
        if (Learners is not { Count: > 0 } || Learners.Any(learner => learner is null))
        {
            throw new ArgumentException(
                "Learners must hold at least one classifier, and none of them null.",
                nameof(Learners)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var key = new RandomKey(Seed);
        var (sourceFit, sourceJudged) = Parts(source, key.Child(0));
        var (targetFit, targetJudged) = Parts(target, key.Child(1));
        var fit = CrossFit.Domains(sourceFit, targetFit);
        var judged = CrossFit.Domains(sourceJudged, targetJudged);
        var shares = judged.Weights is { } weights ? weights.to(float64) / judged.Count : null;
        var least = Learners
            .Select(learner => DomainClassification.Error(learner, fit, judged.Inputs, judged.Labels, shares))
            .Min(error => Math.Min(error, 1 - error));
        return DomainClassification.Distance(least);
    }

    /// <summary>The distance for a domain classifier's error, <c>2 (1 - 2 e)</c>.</summary>
    /// <param name="error">The error, from 0 to 1.</param>
    public static double FromError(double error)
    {
        if (error is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(error),
                error,
                string.Create(CultureInfo.InvariantCulture, $"error must lie in 0 ... 1; got {error}.")
            );
        }
        return DomainClassification.Distance(error);
    }

    private (Tensor Fit, Tensor Judged) Parts(Tensor rows, RandomKey key)
    {
        if (Judged == JudgedRows.Fitted)
        {
            return (rows, rows);
        }
        if (Judged == JudgedRows.SecondHalf)
        {
            var half = rows.shape[0] / 2;
            return (rows.narrow(0, 0, half), rows.narrow(0, half, rows.shape[0] - half));
        }
        var (fit, held) = CrossFit.Halves(rows, key);
        return (rows.index_select(0, fit), rows.index_select(0, held));
    }
}
