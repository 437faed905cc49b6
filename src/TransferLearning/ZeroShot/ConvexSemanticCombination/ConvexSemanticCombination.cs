using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.ZeroShot;

/// <summary>
/// ConSE: a row lies at the mean of the likeliest seen classes' embeddings, and is of the class whose embedding points
/// that way.
/// </summary>
/// <remarks>
/// <c>f(x) = sum_t p_(t) s_(t) / sum_t p_(t)</c> over the T seen classes of largest probability, and
/// <c>score(x, c) = cos(f(x), s_c)</c> (Norouzi et al. 2014, "Zero-Shot Learning by Convex Combination of Semantic
/// Embeddings", equations 3 to 5). Any classifier that is already there serves; descriptions are word vectors or
/// attributes. Example weights reach the classifier.
/// </remarks>
/// <param name="Descriptions">The classes' embeddings.</param>
/// <param name="Learner">Learns the seen classes; null for logistic regression.</param>
public sealed record ConvexSemanticCombination(ClassDescriptions Descriptions, ILabelLearner? Learner = null)
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
    /// How many of the likeliest classes count, at least 1; all where fewer are seen. Default 10, the authors' best.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Classes { get; init; } = 10;

    /// <inheritdoc />
    public ILabelPredictor Fit(LabeledDomain data)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var rows = SemanticRows.Of(this, data);
        var ofSeen = (Learner ?? new LogisticRegression()).Fit(rows.OfSeenClasses());
        return rows.Predictor(
            new ClassMixture(ofSeen, rows.SeenVectors, Classes, isLogit: false),
            ClassComparison.Cosine
        );
    }

    /// <summary>Where rows lie by their probabilities of seen classes.</summary>
    /// <param name="probabilities">Probabilities of the seen classes <c>[n, z]</c>.</param>
    /// <param name="embeddings">Their embeddings <c>[z, a]</c>.</param>
    /// <param name="classes">How many of the likeliest classes count.</param>
    /// <returns>The points <c>[n, a]</c>; the caller disposes them.</returns>
    public static Tensor Embed(Tensor probabilities, Tensor embeddings, int classes = 10)
    {
        Guard.Rows(probabilities);
        Guard.Rows(embeddings);
        Guard.Fitted(probabilities, embeddings.shape[0]);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        using var scope = NewDisposeScope();
        return ClassMixture.Mean(probabilities, embeddings.to(probabilities.dtype), classes).MoveToOuterDisposeScope();
    }

    /// <summary>The cosines of points and embeddings.</summary>
    /// <param name="points">Points <c>[n, a]</c>.</param>
    /// <param name="embeddings">Embeddings <c>[C, a]</c>.</param>
    /// <returns>Cosines <c>[n, C]</c>, 0 for a vector of zeros; the caller disposes them.</returns>
    public static Tensor Cosines(Tensor points, Tensor embeddings)
    {
        Guard.Pair(points, embeddings);
        using var scope = NewDisposeScope();
        return SemanticRows.Unit(points).matmul(SemanticRows.Unit(embeddings).t()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public IZeroShotLearner WithSeenPenalty(double penalty) => this with { SeenPenalty = penalty };

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => SemanticRows.Faults(this, plan);
}
