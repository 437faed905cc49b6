using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// IAP: a classifier of the seen classes, whose probabilities say which attributes a row has; then classes by how well
/// their attributes fit.
/// </summary>
/// <remarks>
/// <c>p(a_m = 1 | x) = sum_k p(y_k | x) a_m^k</c> over the seen classes k, and then the scores of direct attribute
/// prediction (Lampert, Nickisch and Harmeling 2014, "Attribute-Based Classification for Zero-Shot Visual Object
/// Categorization", equation 4). Example weights reach the classifier.
/// </remarks>
/// <param name="Descriptions">The classes' attributes, each 0 or 1.</param>
/// <param name="Learner">Learns the seen classes; null for logistic regression, the authors' choice too.</param>
public sealed record IndirectAttributePrediction(ClassDescriptions Descriptions, ILabelLearner? Learner = null)
    : IZeroShotLearner
{
    /// <inheritdoc />
    public ClassDescriptions Descriptions { get; } =
        Descriptions ?? throw new ArgumentNullException(nameof(Descriptions));

    /// <summary>
    /// What is taken off the scores of seen classes, not negative; infinity leaves only unseen classes. Default
    /// infinity.
    /// </summary>
    [OptionRange(AtLeast = 0, AllowsInfinity = true)]
    public double SeenPenalty { get; init; } = double.PositiveInfinity;

    /// <summary>
    /// Whether every attribute is as likely as not beforehand, instead of as in the seen classes. Default false.
    /// </summary>
    public bool HasEvenPriors { get; init; }

    /// <inheritdoc />
    public ILabelPredictor Fit(LabeledDomain data)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = SemanticRows.Of(this, data);
        foreach (var fault in SemanticRows.BinaryFaults(Descriptions))
        {
            throw new ArgumentException(fault, nameof(data));
        }
        var ofSeen = (Learner ?? new LogisticRegression()).Fit(rows.OfSeenClasses());
        var priors = AttributeLikelihood.Priors(rows.SeenVectors);
        return rows.Predictor(
            new ClassMixture(ofSeen, rows.SeenVectors, 0, isLogit: true),
            ClassComparison.Likelihood,
            priors: HasEvenPriors ? full_like(priors, 0.5) : priors
        );
    }

    /// <summary>The attributes' probabilities by those of the seen classes.</summary>
    /// <param name="probabilities">Probabilities of the seen classes <c>[n, z]</c>.</param>
    /// <param name="attributes">Their attributes, 0 or 1, <c>[z, a]</c>.</param>
    /// <returns>Probabilities <c>[n, a]</c>; the caller disposes them.</returns>
    public static Tensor AttributeProbabilities(Tensor probabilities, Tensor attributes)
    {
        Guard.Rows(probabilities);
        Guard.Rows(attributes);
        Guard.Fitted(probabilities, attributes.shape[0]);
        using var scope = NewDisposeScope();
        return probabilities.matmul(attributes.to(probabilities.dtype)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public IZeroShotLearner WithSeenPenalty(double penalty) => this with { SeenPenalty = penalty };

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        SemanticRows.Faults(this, plan).Concat(SemanticRows.BinaryFaults(Descriptions));
}
