using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Theory;

/// <summary>The proxy A-distance: how well a classifier can tell the domains apart.</summary>
/// <remarks>
/// <c>2 (1 - 2 e)</c> for the error e of a domain classifier on rows that it was not fitted to: 0 where the domains
/// cannot be told apart, 2 where they can without fail (Ben-David, Blitzer, Crammer and Pereira 2007, "Analysis of
/// Representations for Domain Adaptation"). Half of each domain, drawn by the seed, fits a logistic regression for each
/// penalty; the rest tests it, and the least error counts, as the distance is defined by the best classifier. Both
/// domains count alike in the fit and in the error, whatever their sizes. An error above one half counts as its mirror
/// image.
/// </remarks>
public sealed record ProxyADistance
{
    /// <summary>The inverse penalties that are tried. Default 0.001 to 100 by tens.</summary>
    [OptionRange(Above = 0)]
    public IReadOnlyList<double> InversePenalties { get; init; } = [0.001, 0.01, 0.1, 1, 10, 100];

    /// <summary>The seed of the split. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Measures the distance.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>, at least 4.</param>
    /// <param name="target">Target rows <c>[m, d]</c>, at least 4.</param>
    /// <returns>A number from 0 to 2.</returns>
    public double Between(Tensor source, Tensor target)
    {
        Guard.Pair(source, target, least: 4);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var key = new RandomKey(Seed);
        var (sourceFit, sourceTest) = Halves(source, key.Child(0));
        var (targetFit, targetTest) = Halves(target, key.Child(1));
        var fit = CrossFit.Domains(sourceFit, targetFit);
        var least = InversePenalties.Min(penalty =>
            Error(new LogisticRegression { InversePenalty = penalty }, fit, sourceTest, targetTest)
        );
        return FromError(least);
    }

    /// <summary>The distance for a domain classifier's error, <c>2 (1 - 2 e)</c>.</summary>
    /// <param name="error">The error, from 0 to 1.</param>
    public static double FromError(double error)
    {
        if (error is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(error), error, $"error must lie in 0 ... 1; got {error}.");
        }
        return 2 * (1 - (2 * error));
    }

    // The mean of both domains' errors: samples of unequal size count alike, as in the fit.
    private static double Error(LogisticRegression learner, LabeledDomain fit, Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        using var predictor = (LinearPredictor)learner.Fit(fit);
        double ShareReadAs(Tensor rows, long domain) =>
            predictor.Predict(rows).argmax(1).eq(domain).to(float64).mean().item<double>();
        var error = (ShareReadAs(source, 1) + ShareReadAs(target, 0)) / 2;
        return Math.Min(error, 1 - error);
    }

    private static (Tensor Fit, Tensor Test) Halves(Tensor rows, RandomKey key)
    {
        using var generator = key.Generator();
        var order = randperm(rows.shape[0], generator: generator).to(rows.device);
        var half = rows.shape[0] / 2;
        return (
            rows.index_select(0, order.narrow(0, 0, half)),
            rows.index_select(0, order.narrow(0, half, rows.shape[0] - half))
        );
    }
}
