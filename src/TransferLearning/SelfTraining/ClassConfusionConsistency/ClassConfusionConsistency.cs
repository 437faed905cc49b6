using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfTraining;

/// <summary>
/// Class-confusion consistency: a weakly and a strongly augmented target batch are to confuse the same classes.
/// </summary>
/// <remarks>
/// Rows count where the weak branch's largest <c>softmax(z / T)</c> reaches the threshold. With the confusion matrices
/// <c>K</c> of both branches over these rows (see <see cref="MinimumClassConfusion"/>), the weak one a constant:
/// <c>||K_weak - K_strong||_F^2 / C</c> times the share of rows that count; 0 where none does. TLLib's loss for
/// Fixed-Match-like training of adaptation; it compares batches, so a wrong label of one row does little harm.
/// </remarks>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
public sealed class ClassConfusionConsistency(IAugmentation strong, IAugmentation? weak = null) : IObjective
{
    private const double Epsilon = 1e-5;
    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));

    /// <summary>The confidence from which rows count, from 0 to below 1. Default 0.95.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Threshold { get; init; } = 0.95;

    /// <summary>The temperature T, positive. Default 2.5.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 2.5;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weak is null ? [strong] : [strong, weak];

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

    /// <summary>The loss of two sets of logits.</summary>
    /// <param name="weak">Logits of the weak branch <c>[n, C]</c>; taken as constants.</param>
    /// <param name="strong">Logits of the strong branch <c>[n, C]</c>.</param>
    /// <param name="temperature">The temperature.</param>
    /// <param name="threshold">The confidence from which rows count.</param>
    /// <returns>A scalar, differentiable in <paramref name="strong"/>; the caller disposes it.</returns>
    public static Tensor Of(Tensor weak, Tensor strong, double temperature, double threshold)
    {
        Guard.Alive(weak);
        Guard.Alive(strong);
        Guard.Positive(temperature);
        Guard.InRange(threshold, 0, 1);
        using var scope = NewDisposeScope();
        var constant = weak.detach();
        var kept = (constant / temperature).softmax(1).amax([1L]).ge(threshold).to(strong.dtype);
        var gap =
            ClassConfusion.Of(constant, temperature, Epsilon, kept)
            - ClassConfusion.Of(strong, temperature, Epsilon, kept);
        return (gap.square().sum() * kept.mean() / strong.shape[1]).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
