using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>IWC: weights from a classifier that is fitted to tell source rows from target rows.</summary>
/// <remarks>
/// With <c>z_s, z_t</c> the classifier's two logits, <c>w(x) = n/m exp(z_t(x) - z_s(x)) = n/m p(target | x) / p(source
/// | x)</c>, which is <c>p_t(x) / p_s(x)</c> where the classifier is right (Bickel, Brückner and Scheffer 2007,
/// "Discriminative Learning for Differing Training and Test Distributions"). Costs one fit.
/// </remarks>
public sealed record ClassifierWeighting : IInstanceWeighting
{
    /// <summary>
    /// The classifier. Where it gives votes or probabilities in place of logits, a share below <c>1 / (n + m)</c>
    /// counts as that. Default logistic regression.
    /// </summary>
    public ILabelLearner Classifier { get; init; } = new LogisticRegression();

    /// <inheritdoc />
    public Tensor Weigh(LabeledDomain source, UnlabeledDomain target, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        using var canceling = Canceling.By(context);
        return Weigh(source.Inputs, target.Inputs);
    }

    /// <summary>Computes the weights of some source rows.</summary>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <returns>Weights <c>[n]</c> in the rows' dtype; the caller disposes them.</returns>
    public Tensor Weigh(Tensor source, Tensor target)
    {
        Guard.Pair(source, target);
        ArgumentNullException.ThrowIfNull(Classifier);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (n, m) = (source.shape[0], target.shape[0]);
        var domains = cat([zeros(n, int64, source.device), ones(m, int64, source.device)]);
        var fitted = Classifier.Fit(new LabeledDomain(cat([source, target]), domains, space: LabelSpace.Classes(2)));
        using var owned = fitted as IDisposable;
        var scores = fitted.Predict(source);
        var logits =
            fitted.ScoreKind == ScoreKind.Logits
                ? scores
                : Probabilities.Of(scores, fitted.ScoreKind).clamp_min(1.0 / (n + m)).log();
        var apart = logits.select(1, 0) - logits.select(1, 1);
        return CriticWeighting.FromLogits(apart, (double)n / m).MoveToOuterDisposeScope();
    }
}
