using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>
/// Importance-weighted validation (IWV): the error of held-out source rows, weighed to the target's features, with its
/// standard error.
/// </summary>
/// <remarks>
/// The score is minus the weighed error (Sugiyama, Krauledat and Mueller 2007, "Covariate Shift Adaptation by
/// Importance Weighted Cross Validation"), by density ratios of the model's features as in
/// <see cref="DeepEmbeddedValidation"/>.
/// It is right where classes follow from the features alike in both domains and the domains overlap. Where they do not,
/// a few rows have all the weight, and <see cref="Estimate"/> says so by its effective rows. Two models whose risks
/// differ by less than about two standard errors cannot be told apart; below some ten effective rows the standard error
/// is not to be trusted either: of one row it is near 0.
/// </remarks>
/// <param name="validation">Labeled source rows that the model did not learn from, classes.</param>
public sealed class ImportanceWeightedValidation(LabeledDomain validation) : IModelScore
{
    private const double LeastRatio = 1e-22;

    private readonly LabeledDomain validation = validation ?? throw new ArgumentNullException(nameof(validation));

    /// <summary>
    /// Whether the weighed errors are divided by the weights' sum, which keeps the risk within 0 and 1 and varies less,
    /// at a small bias; else by the number of rows, as in the paper. Default true.
    /// </summary>
    public bool IsNormalized { get; init; } = true;

    /// <summary>
    /// How many standard errors are added to the risk before it is the score: above 0 a model whose risk is not known
    /// well counts as worse. Default 0.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Caution { get; init; }

    /// <summary>The classifier that tells the domains apart. Default a logistic regression.</summary>
    public LogisticRegression Learner { get; init; } = new();

    /// <inheritdoc />
    public double Score(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        var risk = Estimate(extractor, predictor, domains);
        return -(risk.Value + (Caution * risk.StandardError));
    }

    /// <summary>The risk of a model with its standard error.</summary>
    /// <param name="extractor">The extractor, in evaluation mode.</param>
    /// <param name="predictor">The predictor, in evaluation mode.</param>
    /// <param name="domains">The domains that the model was fitted on.</param>
    /// <exception cref="ArgumentException">The held-out rows have other classes than the sources.</exception>
    public WeightedRisk Estimate(IFeatureExtractor extractor, ILabelPredictor predictor, DomainSet domains)
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(domains);
        LabeledFeatures.HeldOut(validation, domains);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var (weights, errors) = DensityRatios.Of(validation, Learner, extractor, predictor, domains);
        // Of domains that do not overlap at all every ratio may be 0: then the rows count alike.
        return WeightedRisk.Of(weights.clamp_min(LeastRatio), errors, IsNormalized);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
