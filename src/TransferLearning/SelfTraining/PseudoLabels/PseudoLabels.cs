using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfTraining;

/// <summary>Pseudo-labels: the network's own sure readings of target rows are taken for their labels.</summary>
/// <remarks>
/// <c>1/n sum_i 1[max softmax(z_i) &gt; threshold] CE(z_i, argmax z_i)</c>; no gradient flows through the labels, and
/// the mean is over the whole batch, kept or not (Lee 2013, "Pseudo-Label: The Simple and Efficient Semi-Supervised
/// Learning Method for Deep Neural Networks").
/// </remarks>
public sealed record PseudoLabels : IObjective
{
    /// <summary>The confidence above which a reading counts, from 0 to below 1. Default 0.95.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Threshold { get; init; } = 0.95;

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var scores = step.Scores(step.Target);
        return Of(scores, scores, Threshold);
    }

    /// <summary>The loss of some predictions.</summary>
    /// <param name="scores">Logits <c>[n, C]</c> that are to follow the labels.</param>
    /// <param name="teacher">
    /// Logits <c>[n, C]</c> that give the labels and their confidence; taken as constants.
    /// </param>
    /// <param name="threshold">The confidence above which a label counts.</param>
    /// <returns>A scalar, differentiable in <paramref name="scores"/>; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor teacher, double threshold)
    {
        Guard.Alive(scores);
        Guard.Alive(teacher);
        Guard.InRange(threshold, 0, 1);
        using var scope = NewDisposeScope();
        var (confidence, labels) = teacher.detach().softmax(1).max(1);
        var losses = nn.functional.cross_entropy(scores, labels, reduction: nn.Reduction.None);
        return (losses * confidence.gt(threshold).to(losses.dtype)).mean().MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
