using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>
/// AugMix's consistency: an example and two looks at it must be predicted alike, by their Jensen-Shannon divergence.
/// </summary>
/// <remarks>
/// <c>1/n sum_i w_i (KL(p_i || m_i) + KL(p'_i || m_i) + KL(p''_i || m_i)) / 3</c> with <c>m = (p + p' + p'') / 3</c>,
/// the predictions for the row and for two draws of the view; m is kept at least 1e-7 in the logarithm, as by the
/// authors (Hendrycks et al. 2020, "AugMix", equation 2). Gradients flow through all three. Over the labeled batches;
/// with <see cref="OnTarget"/> over the target's, which has no labels.
/// </remarks>
/// <param name="first">The augmentation, <see cref="AugMix"/> as a rule.</param>
/// <param name="second">
/// The augmentation of the second look; null, or the first again, for another draw of the first.
/// </param>
public sealed class AugMixConsistency(IAugmentation first, IAugmentation? second = null) : IObjective
{
    private readonly IAugmentation first = first ?? throw new ArgumentNullException(nameof(first));

    // Views are known by reference: another object is another draw.
    private readonly IAugmentation second = SecondLook.Apart(first, second) ?? new AugmentationSequence(first);

    /// <summary>Whether the target's batch is looked at and not the labeled ones. Default false, the paper's.</summary>
    public bool OnTarget { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [first, second];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var terms = (OnTarget ? [step.Target] : step.Labeled.Cast<IBatch>()).Select(batch =>
            Of(
                step.Scores(batch),
                step.Scores(step.View(first, batch)),
                step.Scores(step.View(second, batch)),
                (batch as LabeledBatch)?.Weights
            )
        );
        return stack([.. terms]).mean();
    }

    /// <summary>The divergence of three predictions.</summary>
    /// <param name="scores">Logits of the rows <c>[n, C]</c>.</param>
    /// <param name="weak">Logits of one look <c>[n, C]</c>.</param>
    /// <param name="strong">Logits of the other <c>[n, C]</c>.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null. The mean is over rows, not over weights.</param>
    /// <returns>A scalar from 0 to log 3, differentiable in all three; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor weak, Tensor strong, Tensor? weights = null)
    {
        Guard.Pair(scores, weak);
        Guard.Pair(scores, strong);
        Guard.AliveOrNull(weights);
        using var scope = NewDisposeScope();
        Tensor[] logs = [scores.log_softmax(1), weak.log_softmax(1), strong.log_softmax(1)];
        Tensor[] predictions = [.. logs.Select(log => log.exp())];
        var mean = ((predictions[0] + predictions[1] + predictions[2]) / 3).clamp(1e-7, 1).log();
        var rows = predictions.Zip(logs, (p, log) => (p * (log - mean)).sum(1)).Aggregate((a, b) => a + b) / 3;
        return (weights is null ? rows : rows * weights.detach().to(rows.dtype)).mean().MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
