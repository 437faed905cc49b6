using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// FixMatch: the sure reading of a weakly augmented target row is the label of the strongly augmented one.
/// </summary>
/// <remarks>
/// <c>1/n sum_i 1[max softmax(z_i / T) &gt;= threshold] CE(z'_i, argmax z_i)</c> for logits z of the weak and <c>z'</c>
/// of the strong view; no gradient flows through z, and the mean is over the whole batch, kept or not (Sohn et al.
/// 2020, "FixMatch: Simplifying Semi-Supervised Learning with Consistency and Confidence", equation 4). The temperature
/// changes which rows count, not the labels.
/// </remarks>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
public sealed class FixMatch(IAugmentation strong, IAugmentation? weak = null) : IObjective
{
    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));

    /// <summary>The least confidence at which a row counts, from 0 to below 1. Default 0.95.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Threshold { get; init; } = 0.95;

    /// <summary>The temperature T of the confidence, positive. Default 1.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 1;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weak is null ? [strong] : [strong, weak];

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        Tensor plain;
        using (no_grad())
        {
            plain = step.Scores(weak is null ? step.Target : step.View(weak, step.Target));
        }
        return Of(plain, step.Scores(step.View(strong, step.Target)), Threshold, Temperature);
    }

    /// <summary>The loss of two sets of logits.</summary>
    /// <param name="weak">Logits of the weak view <c>[n, C]</c>; taken as constants.</param>
    /// <param name="strong">Logits of the strong view <c>[n, C]</c>.</param>
    /// <param name="threshold">The least confidence.</param>
    /// <param name="temperature">The temperature of the confidence.</param>
    /// <returns>A scalar, differentiable in <paramref name="strong"/>; the caller disposes it.</returns>
    public static Tensor Of(Tensor weak, Tensor strong, double threshold = 0.95, double temperature = 1)
    {
        Guard.Pair(weak, strong);
        Guard.InRange(threshold, 0, 1);
        Guard.Positive(temperature);
        using var scope = NewDisposeScope();
        var (confidence, labels) = (weak.detach() / temperature).softmax(1).max(1);
        return CrossEntropy.Of(strong, labels, confidence.ge(threshold)).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
