using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// DEV: the source's validation error, weighed to the target's features, with a control variate against the weights'
/// variance.
/// </summary>
/// <remarks>
/// With errors e of held-out source rows and density ratios w of their features, <c>L = w e</c>,
/// <c>eta = -cov(L, w) / var(w)</c>: the risk is <c>mean L + eta mean w - eta</c>, and the score is minus the risk
/// (You, Wang, Long and Jordan 2019, "Towards Accurate Model Selection in Deep Unsupervised Domain Adaptation"). A
/// logistic regression on the features of the sources' rows and of the target's gives
/// <c>w = n_s / n_t p(target) / p(source)</c>. Where supports do not overlap, no weight tells of the target, and the
/// score is the source's error. Density ratios count up to <c>exp(50)</c>.
/// </remarks>
/// <param name="validation">Labeled source rows that the model did not learn from, classes.</param>
public sealed class DeepEmbeddedValidation(LabeledDomain validation) : IModelScore
{
    // The spread of weights beside their mean that rounding leaves.
    private const double Rounding = 1e-9;

    private readonly LabeledDomain validation = validation ?? throw new ArgumentNullException(nameof(validation));

    /// <summary>What happens to the weights before the risk. Default nothing, as in the paper.</summary>
    public RiskNormalization Normalization { get; init; }

    /// <summary>
    /// Whether the control variate is used; without it the score is importance-weighted validation, of which
    /// <see cref="ImportanceWeightedValidation"/> gives the standard error as well.
    /// </summary>
    public bool HasControlVariate { get; init; } = true;

    /// <summary>The classifier that tells the domains apart. Default a logistic regression.</summary>
    public LogisticRegression Learner { get; init; } = new();

    /// <inheritdoc />
    public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(domains);
        LabeledFeatures.HeldOut(validation, domains);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (weights, errors) = DensityRatios.Of(validation, Learner, extractor, predictor, domains);
        return -(
            HasControlVariate
                ? Risk(weights, errors, Normalization)
                : (Normalized(weights, Normalization) * errors).mean().item<double>()
        );
    }

    /// <summary>The risk of some errors.</summary>
    /// <param name="weights">The density ratios <c>[n]</c>, at least 2.</param>
    /// <param name="errors">The errors <c>[n]</c>.</param>
    /// <param name="normalization">What happens to the weights before.</param>
    public static double Risk(Tensor weights, Tensor errors, RiskNormalization normalization = RiskNormalization.None)
    {
        Guard.Alive(weights);
        Guard.Alive(errors);
        if (weights.numel() != errors.numel() || weights.numel() < 2)
        {
            throw new ArgumentException(
                $"errors must be as many as weights, at least 2; got {Shape.Of(weights)} and {Shape.Of(errors)}.",
                nameof(errors)
            );
        }
        using var scope = NewDisposeScope();
        var w = Normalized(weights.detach().to(float64).reshape(-1), normalization);
        var loss = w * errors.detach().to(float64).reshape(-1);
        // Weights that are all alike leave nothing to control.
        var eta = AreAlike(w)
            ? 0
            : -((loss - loss.mean()) * (w - w.mean())).sum().item<double>() / (w.numel() - 1) / w.var(0).item<double>();
        return (loss.mean() + (eta * w.mean())).item<double>() - eta;
    }

    // Weights that are all alike become 1.
    private static Tensor Normalized(Tensor w, RiskNormalization normalization)
    {
        if (normalization == RiskNormalization.None)
        {
            return w;
        }
        if (AreAlike(w))
        {
            return ones_like(w);
        }
        return normalization == RiskNormalization.Largest
            ? (w / w.max()) - (w / w.max()).mean() + 1
            : ((w - w.mean()) / w.std(unbiased: false)) + 1;
    }

    private static bool AreAlike(Tensor w) =>
        w.std(unbiased: false).item<double>() <= Rounding * w.mean().abs().item<double>();

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
