using System.Globalization;
using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// DAP: a classifier for each attribute, and classes by how well their attributes fit what the classifiers read.
/// </summary>
/// <remarks>
/// <c>score(x, c) = sum_m [log p(a_m = a_m^c | x) - log p(a_m = a_m^c)]</c> for binary attributes a, with the prior
/// <c>p(a_m = 1)</c> the share of the seen classes that has the attribute (Lampert, Nickisch and Harmeling 2014,
/// "Attribute-Based Classification for Zero-Shot Visual Object Categorization", equation 3; all classes alike
/// beforehand). An attribute that all or none of the seen classes has can be learned from nothing: it has no classifier
/// and counts for all classes alike. Example weights reach the classifiers.
/// </remarks>
/// <param name="Descriptions">The classes' attributes, each 0 or 1.</param>
/// <param name="Learner">
/// Learns an attribute from rows of two classes, absent and present; null for logistic regression. The authors take
/// support vector machines whose scores Platt's sigmoid calibrates.
/// </param>
public sealed record DirectAttributePrediction(ClassDescriptions Descriptions, ILabelLearner? Learner = null)
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
        var classifiers = new List<ILabelPredictor?>();
        using var made = new Unfinished();
        for (var m = 0; m < rows.Vectors.shape[1]; m++)
        {
            Canceling.Check();
            var classifier = Classifier(rows, rows.SeenVectors.select(1, m));
            classifiers.Add(classifier is null ? null : made.Add(classifier));
        }
        var shares = AttributeLikelihood.Priors(rows.SeenVectors);
        // An attribute without a classifier must count for all classes alike.
        var isRead = tensor([.. classifiers.Select(classifier => classifier is not null)]).to(shares.device);
        var even = full_like(shares, 0.5);
        return made.HandOver(
            rows.Predictor(
                new AttributeReader(classifiers),
                ClassComparison.Likelihood,
                priors: HasEvenPriors ? even : where(isRead, shares, even)
            )
        );
    }

    /// <summary>The scores of classes by attribute probabilities.</summary>
    /// <param name="probabilities">
    /// The attributes' probabilities <c>[n, a]</c>; kept between 1e-12 and 1 - 1e-12.
    /// </param>
    /// <param name="attributes">The classes' attributes, 0 or 1, <c>[C, a]</c>.</param>
    /// <param name="priors">The attributes' priors, between 0 and 1, <c>[a]</c>.</param>
    /// <returns>Scores <c>[n, C]</c> in float64; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">
    /// The shapes do not go together, or a prior is not above 0 and below 1.
    /// </exception>
    public static Tensor Scores(Tensor probabilities, Tensor attributes, Tensor priors)
    {
        Guard.Pair(probabilities, attributes);
        Guard.Alive(priors);
        using var scope = NewDisposeScope();
        var (p, a, prior) = (probabilities.to(float64), attributes.to(float64), priors.to(float64));
        if (prior.dim() != 1 || prior.shape[0] != a.shape[1] || !(prior * (1 - prior)).gt(0).all().item<bool>())
        {
            var range =
                prior.numel() > 0
                    ? string.Create(
                        CultureInfo.InvariantCulture,
                        $" from {prior.min().ToDouble()} to {prior.max().ToDouble()}"
                    )
                    : "";
            throw new ArgumentException(
                $"priors must be above 0 and below 1, one for each of the {a.shape[1]} attributes; got "
                    + $"{Shape.Of(priors)}{range}.",
                nameof(priors)
            );
        }
        var offsets = AttributeLikelihood.OfPriors(a, prior);
        return AttributeLikelihood.Of(AttributeLikelihood.Logits(p, 1 - p), a, offsets).MoveToOuterDisposeScope();
    }

    /// <summary>The share of some classes that has each attribute; 0.5 where all or none have it.</summary>
    /// <param name="attributes">The seen classes' attributes, 0 or 1, <c>[z, a]</c>.</param>
    /// <returns>The priors <c>[a]</c>; the caller disposes them.</returns>
    public static Tensor Priors(Tensor attributes)
    {
        Guard.Rows(attributes);
        using var scope = NewDisposeScope();
        return AttributeLikelihood.Priors(attributes).MoveToOuterDisposeScope();
    }

    // Null where all rows that weigh anything have the attribute alike.
    private ILabelPredictor? Classifier(SemanticRows rows, Tensor ofClasses)
    {
        using var scope = NewDisposeScope();
        var labels = ofClasses.index_select(0, rows.Labels).to(int64);
        var (absent, present) = (
            ((1 - labels).to(float64) * rows.Weights).sum().item<double>(),
            (labels.to(float64) * rows.Weights).sum().item<double>()
        );
        return absent == 0 || present == 0
            ? null
            : (Learner ?? new LogisticRegression()).Fit(
                new LabeledDomain(rows.Data.Inputs, labels, rows.Data.Weights, LabelSpace.Classes(2))
            );
    }

    /// <inheritdoc />
    public IZeroShotLearner WithSeenPenalty(double penalty) => this with { SeenPenalty = penalty };

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        SemanticRows.Faults(this, plan).Concat(SemanticRows.BinaryFaults(Descriptions));
}
