using TransferLearning.Augmentation;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// Semantic transfer: each target row is to be like one class of the labeled rows and unlike the others, whichever it
/// is.
/// </summary>
/// <remarks>
/// <para>
/// With the class centers <c>c_k</c> of a labeled batch, means of its features, and likenesses <c>v_k(f) = f . c_k</c>:
/// <c>mean_t H(softmax(v(f_t) / T))</c>, H the entropy, for the centers of the source, and once more for those of the
/// labeled target rows where the run has them; to which these rows add the cross-entropy of <c>softmax(v(f) / T)</c>
/// with their classes by the same centers (Luo, Zou, Hoffman and Fei-Fei 2017, "Label Efficient Learning of
/// Transferable Representations across Domains and Tasks"). Stands beside <see cref="LayerAdversary"/>, which brings
/// the domains together in the first place.
/// </para>
/// <para>
/// Centers are those of the step's batches, and carry a gradient; a class without rows in the batch has none, and no
/// row is like it. A batch of a single class teaches nothing. Rows weigh in their centers by their example weights;
/// several sources have their centers together.
/// </para>
/// </remarks>
public sealed record SemanticTransfer : IObjective
{
    /// <summary>The temperature T of likenesses, positive. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 1;

    /// <summary>
    /// Whether likeness is the cosine of the angle between a row and a center, so that long features are not surer than
    /// short ones. Default false, the paper's inner product; with true take a temperature near 0.1.
    /// </summary>
    public bool IsCosine { get; init; }

    /// <summary>The weight of the labeled target rows' cross-entropy, not negative. Default 1.</summary>
    [OptionRange(AtLeast = 0)]
    public double LabeledFactor { get; init; } = 1;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var target = step.Features(step.Target);
        var labels = cat([.. step.Sources.Select(batch => SoftLabels.Of(batch).to(target.dtype))]);
        var (centers, counts) = Centers(step.SourceFeatures(), labels, step.SourceWeights());
        var term = Told(target, centers, counts);
        if (step.Batch.LabeledTarget is not { } few)
        {
            return term;
        }
        var own = step.Features(few);
        var wanted = SoftLabels.Of(few).to(own.dtype);
        var (ownCenters, ownCounts) = Centers(own, wanted, few.Weights);
        var rows = (Likeness(own, ownCenters, ownCounts).log_softmax(1).masked_fill(ownCounts.eq(0), 0) * wanted)
            .sum(1)
            .neg();
        var known = (few.Weights is null ? rows : rows * few.Weights.to(rows.dtype)).mean();
        return term + Told(target, ownCenters, ownCounts) + (known * LabeledFactor);
    }

    // Rows of weight 0 alone make no center and teach nothing.
    private Tensor Told(Tensor target, Tensor centers, Tensor counts) =>
        Entropy(Likeness(target, centers, counts)) * counts.sum().gt(0).to(target.dtype);

    /// <summary>The class centers of some rows.</summary>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <param name="labels">Class probabilities or one-hot rows <c>[n, C]</c>.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null.</param>
    /// <returns>
    /// Centers <c>[C, d]</c>, differentiable in the features, and each class's sum of weights <c>[C]</c>; a class of
    /// sum 0 has a center of 0. The caller disposes them.
    /// </returns>
    public static (Tensor Centers, Tensor Counts) Centers(Tensor features, Tensor labels, Tensor? weights = null)
    {
        Guard.Rows(features);
        Guard.Rows(labels);
        Guard.AliveOrNull(weights);
        if (labels.shape[0] != features.shape[0])
        {
            throw new ArgumentException(
                $"labels must be of the features' {features.shape[0]} rows; got {Shape.Of(labels)}.",
                nameof(labels)
            );
        }
        using var scope = NewDisposeScope();
        var shares = labels.detach().to(features.dtype);
        if (weights is not null)
        {
            shares *= weights.detach().to(features.dtype).unsqueeze(1);
        }
        var counts = shares.sum(dim: 0);
        var centers = shares.t().matmul(features) / where(counts.gt(0), counts, ones_like(counts)).unsqueeze(1);
        return (centers.MoveToOuterDisposeScope(), counts.MoveToOuterDisposeScope());
    }

    /// <summary>How much rows are like each class's center, over the temperature.</summary>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <param name="centers">Centers <c>[C, d]</c>.</param>
    /// <param name="counts">How many rows each center is the mean of <c>[C]</c>.</param>
    /// <returns>
    /// Scores <c>[n, C]</c>, differentiable in features and centers, minus infinity for a class without rows, all 0
    /// where no class has any; the caller disposes them.
    /// </returns>
    public Tensor Likeness(Tensor features, Tensor centers, Tensor counts)
    {
        Guard.Pair(features, centers);
        Guard.Alive(counts);
        Guard.Options(this);
        if (!counts.shape.SequenceEqual([centers.shape[0]]))
        {
            throw new ArgumentException(
                $"counts must be [{centers.shape[0]}], one a center; got {Shape.Of(counts)}.",
                nameof(counts)
            );
        }
        using var scope = NewDisposeScope();
        var (rows, means) = IsCosine ? (RowLengths.Unit(features), RowLengths.Unit(centers)) : (features, centers);
        return (rows.matmul(means.t()) / Temperature)
            .masked_fill(counts.eq(0).logical_and(counts.gt(0).any()), double.NegativeInfinity)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The mean entropy of rows' softmax.</summary>
    /// <param name="scores">Scores <c>[n, C]</c>, minus infinity for a class that does not count.</param>
    /// <returns>A scalar in nats, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Entropy(Tensor scores)
    {
        Guard.Rows(scores);
        using var scope = NewDisposeScope();
        var isOut = scores.isneginf();
        // 0 log 0 is 0, and so is its gradient.
        var logs = scores.log_softmax(1).masked_fill(isOut, 0);
        return (scores.softmax(1) * logs).sum(1).mean().neg().MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
