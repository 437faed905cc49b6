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
/// and nothing to balance it by. Honors no example weights of its own; those of cross-entropy stay.
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
        return Of(Scores(step.SourceFeatures()), Scores(step.Features(step.Target))).neg().MoveToOuterDisposeScope();
    }

    /// <summary>The discrepancy of some predictions, <c>||P_s||_* / n_s - ||P_t||_* / n_t</c>.</summary>
    /// <param name="source">Logits <c>[n_s, C]</c> of source rows.</param>
    /// <param name="target">Logits <c>[n_t, C]</c> of target rows.</param>
    /// <returns>A scalar, differentiable in both; the caller disposes it.</returns>
    public static Tensor Of(Tensor source, Tensor target)
    {
        Guard.Pair(source, target);
        using var scope = NewDisposeScope();
        static Tensor Norm(Tensor scores) => linalg.svdvals(scores.softmax(1)).sum() / scores.shape[0];
        return (Norm(source) - Norm(target)).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
