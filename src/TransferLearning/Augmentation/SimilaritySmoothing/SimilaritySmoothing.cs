using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Cross-entropy whose labels are smoothed toward similar classes, and not toward all alike.</summary>
/// <remarks>
/// Label smoothing's <c>q' = (1 - s) q + s q S</c> with the similarities <c>S [C, C]</c>, each row of which sums to 1,
/// in place of <c>1/C</c> for every class (Liu and JaJa 2021, "Class-Similarity Based Label Smoothing for Confidence
/// Calibration"). A cat that is read as a lion costs less than one that is read as a truck. Weights and means are those
/// of <see cref="CrossEntropy"/>, whose place it takes.
/// </remarks>
/// <param name="similarities">
/// The similarities, not negative, <c>[C, C]</c>, each row of sum 1: see <see cref="Similarities"/>. The caller
/// disposes them after the training.
/// </param>
public sealed class SimilaritySmoothing(Tensor similarities) : IObjective
{
    private readonly Tensor similarities = Checked(similarities);

    /// <summary>The share s of every label that goes to similar classes, from 0 to below 1. Default 0.1.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Smoothing { get; init; } = 0.1;

    /// <summary>Further row weights that depend on the step, or null.</summary>
    public IRowWeights? Weights { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => Weights is null ? [] : [Weights];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var terms = step.Labeled.Select(batch =>
        {
            var weights = step.RowWeights(Weights, batch);
            return Of(step.Scores(batch), SoftLabels.Of(batch), similarities, weights, Smoothing);
        });
        return stack([.. terms]).mean();
    }

    /// <summary>
    /// How similar classes are by what describes them:
    /// <c>S_jk = exp(cos(v_j, v_k) / T) / sum_(l != j) exp(cos(v_j, v_l) / T)</c>, 0 for the class itself.
    /// </summary>
    /// <param name="vectors">
    /// One vector a class <c>[C, d]</c>, at least 2: mean features, or embeddings of the classes' names.
    /// </param>
    /// <param name="temperature">
    /// The temperature T, positive: small leaves the nearest class alone. Default 0.1.
    /// </param>
    /// <returns>The similarities <c>[C, C]</c>; the caller disposes them.</returns>
    public static Tensor Similarities(Tensor vectors, double temperature = 0.1)
    {
        Guard.Rows(vectors, 2);
        Guard.Positive(temperature);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var units = nn.functional.normalize(vectors, dim: 1);
        var itself = eye(vectors.shape[0], dtype: ScalarType.Bool, device: vectors.device);
        var cosines = units.matmul(units.t()) / temperature;
        return cosines.masked_fill(itself, double.NegativeInfinity).softmax(1).MoveToOuterDisposeScope();
    }

    /// <summary>The loss of some scores.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <param name="probabilities">Labels as class probabilities <c>[n, C]</c>, one-hot as a rule.</param>
    /// <param name="similarities">The similarities <c>[C, C]</c>.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null. The mean is over rows, not over weights.</param>
    /// <param name="smoothing">The share s of every label that goes to similar classes.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(
        Tensor scores,
        Tensor probabilities,
        Tensor similarities,
        Tensor? weights = null,
        double smoothing = 0.1
    )
    {
        Guard.Alive(scores);
        Guard.Alive(probabilities);
        Guard.AliveOrNull(weights);
        _ = Checked(similarities);
        Guard.InRange(smoothing, 0, 1);
        Guard.Fitted(probabilities, similarities.shape[0]);
        using var scope = NewDisposeScope();
        var labels = probabilities.to(scores.dtype);
        var near = labels.matmul(similarities.detach().to(scores.dtype, scores.device));
        var smoothed = (labels * (1 - smoothing)) + (near * smoothing);
        return CrossEntropy.Of(scores, smoothed, weights).MoveToOuterDisposeScope();
    }

    private static Tensor Checked(Tensor similarities)
    {
        Guard.Rows(similarities);
        return similarities.shape[0] == similarities.shape[1]
            ? similarities
            : throw new ArgumentException(
                $"similarities must be [C, C], one row a class; got {Shape.Of(similarities)}.",
                nameof(similarities)
            );
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        plan.Domains.Space is { IsClasses: true } space && space.Width == similarities.shape[0]
            ? []
            :
            [
                $"smooths {similarities.shape[0]} classes; the labels are {plan.Domains.Space}: give as many rows of "
                    + "similarities as there are classes.",
            ];
}
