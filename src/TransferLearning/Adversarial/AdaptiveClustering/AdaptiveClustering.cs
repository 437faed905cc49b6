using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// Adversarial adaptive clustering (CDAC's first term): target rows whose largest features are the same are to be read
/// alike, all others not; the extractor learns it, the classifier opposes it.
/// </summary>
/// <remarks>
/// <c>1/n^2 sum_ij [s_ij log(P_ij + e) + (1 - s_ij) log(1 - P_ij + e)]</c> with <c>P_ij = p_i . p'_j</c> for the
/// probabilities p of the rows and <c>p'</c> of their strong view, <c>s_ij</c> 1 where the k largest features of rows i
/// and j are the same ones, else 0, and e <c>1e-7</c>; minus its gradient goes to the extractor (Li, Li, Shi and Yu
/// 2021, "Cross-Domain Adaptive Clustering for Semi-Supervised Domain Adaptation", equations 2 and 3). The classifier
/// is the critic here, and should be a <see cref="CosineClassifier"/>, as for <see cref="MinimaxEntropy"/>. No gradient
/// flows through s. Costs <c>n^2 (C + d)</c> a step for n target rows of d features.
/// </remarks>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
public sealed class AdaptiveClustering(IAugmentation strong, IAugmentation? weak = null) : IObjective
{
    private const double Epsilon = 1e-7;

    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));

    /// <summary>How many of the largest features k are compared, at least 1. Default 5, the authors'.</summary>
    [OptionRange(AtLeast = 1)]
    public int Largest { get; init; } = 5;

    /// <summary>The factor of the gradient that the extractor receives, not negative. Default 1.</summary>
    [OptionRange(AtLeast = 0)]
    public double Reversal { get; init; } = 1;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weak is null ? [strong] : [strong, weak];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var features = step.Features(weak is null ? step.Target : step.View(weak, step.Target));
        var further = step.Features(step.View(strong, step.Target));
        Tensor Opposed(Tensor rows) => step.Scores(step.Predictor, GradientReversal.Apply(rows, Reversal));
        return Of(Opposed(features), Opposed(further), Alike(features, Largest));
    }

    /// <summary>The pairs' mean log-likelihood: the classifier's loss, the extractor's gain.</summary>
    /// <param name="scores">Logits of the rows <c>[n, C]</c>.</param>
    /// <param name="further">Logits of their strong view <c>[n, C]</c>.</param>
    /// <param name="alike">1 for pairs to be read alike, else 0 <c>[n, n]</c>; taken as constants.</param>
    /// <returns>A scalar, at most about 0, differentiable in both logits; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor further, Tensor alike)
    {
        Guard.Pair(scores, further);
        Guard.Alive(alike);
        var rows = scores.shape[0];
        if (alike.dim() != 2 || alike.shape[0] != rows || alike.shape[1] != further.shape[0])
        {
            throw new ArgumentException(
                $"alike must be [{rows}, {further.shape[0]}]; got {Shape.Of(alike)}.",
                nameof(alike)
            );
        }
        using var scope = NewDisposeScope();
        var s = alike.detach().to(scores.dtype);
        var both = scores.softmax(1).matmul(further.softmax(1).t());
        var gain = (s * (both + Epsilon).log()) + ((1 - s) * (1 - both + Epsilon).log());
        return gain.mean().MoveToOuterDisposeScope();
    }

    /// <summary>Which pairs of rows have the same largest features.</summary>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <param name="largest">How many are compared; all where there are fewer.</param>
    /// <returns>1 or 0 <c>[n, n]</c>, of the features' dtype; the caller disposes them.</returns>
    public static Tensor Alike(Tensor features, int largest = 5)
    {
        Guard.Rows(features);
        ArgumentOutOfRangeException.ThrowIfLessThan(largest, 1);
        using var scope = NewDisposeScope();
        var rows = features.detach();
        var count = Math.Min(largest, rows.shape[1]);
        var (_, places) = rows.topk((int)count, 1);
        var isLargest = zeros_like(rows).scatter_(1, places, ones_like(rows).narrow(1, 0, count));
        return isLargest.matmul(isLargest.t()).gt(count - 0.5).to(rows.dtype).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
