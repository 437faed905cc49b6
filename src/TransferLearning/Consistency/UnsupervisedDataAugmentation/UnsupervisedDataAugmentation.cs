using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// UDA's consistency: the prediction for an augmented target example must match the sharpened one for the example
/// itself.
/// </summary>
/// <remarks>
/// <c>1/n sum_i 1[max softmax(z_i) &gt; threshold] KL(softmax(z_i / temperature) || softmax(z'_i))</c> for logits z of
/// the plain and z' of the augmented example; no gradient flows through z, and the mean is over the whole batch, kept
/// or not (Xie, Dai, Hovy, Luong and Le 2020, "Unsupervised Data Augmentation for Consistency Training", section 2.2).
/// </remarks>
/// <param name="strong">The augmentation.</param>
/// <param name="weak">A lighter look at the plain example, or null for the example itself.</param>
public sealed class UnsupervisedDataAugmentation(IAugmentation strong, IAugmentation? weak = null) : IObjective
{
    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));

    /// <summary>The sharpening temperature, positive; below 1 sharpens. Default 0.4.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 0.4;

    /// <summary>The least confidence, before sharpening, at which an example counts. Default 0.8.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Threshold { get; init; } = 0.8;

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
        return Of(plain, step.Scores(step.View(strong, step.Target)), Temperature, Threshold);
    }

    /// <summary>The consistency of two sets of logits.</summary>
    /// <param name="plain">Logits of the plain examples <c>[n, C]</c>; taken as constants.</param>
    /// <param name="augmented">Logits of the augmented examples <c>[n, C]</c>.</param>
    /// <param name="temperature">The sharpening temperature.</param>
    /// <param name="threshold">The least confidence.</param>
    /// <returns>A scalar, differentiable in <paramref name="augmented"/>; the caller disposes it.</returns>
    public static Tensor Of(Tensor plain, Tensor augmented, double temperature, double threshold)
    {
        Guard.Alive(plain);
        Guard.Alive(augmented);
        Guard.Positive(temperature);
        using var scope = NewDisposeScope();
        var constant = plain.detach();
        var kept = constant.softmax(1).amax([1L]).gt(threshold).to(augmented.dtype);
        var wanted = (constant / temperature).log_softmax(1);
        var divergence = (wanted.exp() * (wanted - augmented.log_softmax(1))).sum(1);
        return (divergence * kept).mean().MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
