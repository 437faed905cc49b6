using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// DALN: the classifier itself is the critic. It makes predictions sure and diverse on the source and unsure on the
/// target; the extractor, by the reversed gradient, brings the target's to the source's.
/// </summary>
/// <remarks>
/// <c>||P_t||_* / n_t - ||P_s||_* / n_s</c> for <c>P = softmax(C(f))</c> of each domain's batch, <c>||.||_*</c> the
/// nuclear norm, the sum of the singular values: minus the nuclear-norm 1-Wasserstein discrepancy, with <c>-lambda</c>
/// times its gradient going to the extractor (Chen, Chen, Wei, Jin, Tan, Jin and Chen 2022, "Reusing the Task-specific
/// Classifier as a Discriminator: Discriminator-free Adversarial Domain Adaptation", equation 9). No critic of its own,
/// and nothing to balance it by. Source rows of weights w, with mean 1, are multiplied by their roots: a row of weight
/// 2 beside one of weight 0 is the row twice.
/// </remarks>
/// <param name="reversal">The factor lambda over progress. Default the ramp from 0 to 1, gamma 10.</param>
public sealed class NuclearWassersteinDiscrepancy(Schedule? reversal = null) : IObjective
{
    private readonly Schedule reversal = reversal ?? Schedule.SigmoidRamp();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        var coefficient = reversal.At(step.Progress);
        Tensor Scores(Tensor features) => step.Scores(step.Predictor, GradientReversal.Apply(features, coefficient));
        var (source, target) = (Scores(step.SourceFeatures()), Scores(step.Features(step.Target)));
        return Of(source, target, step.SourceWeights()).neg().MoveToOuterDisposeScope();
    }

    /// <summary>The discrepancy of some predictions, <c>||P_s||_* / n_s - ||P_t||_* / n_t</c>.</summary>
    /// <param name="source">Logits <c>[n_s, C]</c> of source rows.</param>
    /// <param name="target">Logits <c>[n_t, C]</c> of target rows.</param>
    /// <param name="weights">Weights <c>[n_s]</c> of the source rows, in any scale; null for all alike.</param>
    /// <returns>A scalar, differentiable in both samples; the caller disposes it.</returns>
    public static Tensor Of(Tensor source, Tensor target, Tensor? weights = null)
    {
        Guard.AliveOrNull(weights);
        Guard.Pair(source, target);
        using var scope = NewDisposeScope();
        static Tensor Norm(Tensor probabilities) => linalg.svdvals(probabilities).sum() / probabilities.shape[0];
        var ofSource = source.softmax(1);
        if (weights is not null)
        {
            var roots = (RowShares.Of(source, weights) * source.shape[0]).sqrt();
            ofSource *= roots.to(ofSource.dtype).unsqueeze(1);
        }
        return (Norm(ofSource) - Norm(target.softmax(1))).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
