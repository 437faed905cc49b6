using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// SoftMatch: FixMatch with a weight in place of a threshold, which falls off like a Gaussian below the usual
/// confidence.
/// </summary>
/// <remarks>
/// <para>
/// <c>1/n sum_i w_i CE(z'_i, argmax p_i)</c> with <c>w_i = exp(-min(0, c_i - mu)^2 / (2 s / k^2))</c>,
/// <c>c_i = max p~_i</c>; <c>p~_i</c> is <c>p_i / q</c>, divided by its sum, for the mean prediction q: uniform
/// alignment. The moving averages mu and s of the confidence's mean and variance, and q, start at 1/C, 1 and even, and
/// keep a share m of the old value a step (Chen et al. 2023, "SoftMatch: Addressing the Quantity-Quality Tradeoff in
/// Semi-Supervised Learning", equations 4 to 8; k is 2 and the variance of n - 1, as in USB). No gradient flows through
/// p and w.
/// </para>
/// <para>The averages are checkpointed. One object serves one training at a time.</para>
/// </remarks>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
public sealed class SoftMatch(IAugmentation strong, IAugmentation? weak = null) : IObjective, ITrainingHook
{
    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));
    private readonly WeakViewAverages averages = new(weak); // [2 + C]: mu, s, q

    /// <summary>The share m of the averages that a step keeps, from 0 to below 1. Default 0.999.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Momentum { get; init; } = 0.999;

    /// <summary>How many standard deviations k the Gaussian is narrower by, positive. Default 2.</summary>
    [OptionRange(Above = 0)]
    public double Narrowing { get; init; } = 2;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weak is null ? [strong] : [strong, weak];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        Tensor plain,
            weights;
        using (no_grad())
        {
            plain = averages.Scores(step);
            weights = Weights(plain, Next(plain), Narrowing);
        }
        return CrossEntropy.Of(step.Scores(step.View(strong, step.Target)), plain.argmax(1), weights);
    }

    /// <summary>How much each row counts.</summary>
    /// <param name="scores">Logits <c>[n, C]</c> of the weak view.</param>
    /// <param name="averages">
    /// The averages <c>[2 + C]</c>: the confidence's mean, its variance, and the mean prediction.
    /// </param>
    /// <param name="narrowing">How many standard deviations the Gaussian is narrower by.</param>
    /// <returns>Weights <c>[n]</c> from 0 to 1, constants; the caller disposes them.</returns>
    public static Tensor Weights(Tensor scores, Tensor averages, double narrowing = 2)
    {
        Guard.Alive(averages);
        Guard.Rows(scores);
        Guard.Positive(narrowing);
        using var scope = NewDisposeScope();
        var confidence = Aligned(scores.detach(), averages).amax([1L]);
        var below = (confidence - averages[0]).clamp_max(0);
        var width = averages[1] * (2 / (narrowing * narrowing));
        return (below.square() / width.clamp_min(1e-12)).neg().exp().MoveToOuterDisposeScope();
    }

    /// <summary>The averages after a batch.</summary>
    /// <param name="scores">Logits <c>[n, C]</c> of the weak view.</param>
    /// <param name="averages">The averages before <c>[2 + C]</c>.</param>
    /// <param name="momentum">The share of the old value that is kept.</param>
    /// <returns>
    /// The averages <c>[2 + C]</c>: the confidence's mean, its variance, and the mean prediction; the caller disposes
    /// them.
    /// </returns>
    public static Tensor Follow(Tensor scores, Tensor averages, double momentum = 0.999)
    {
        Guard.Alive(averages);
        Guard.Rows(scores);
        Guard.InRange(momentum, 0, 1);
        using var scope = NewDisposeScope();
        var p = scores.detach().softmax(1);
        var prediction = (averages.narrow(0, 2, p.shape[1]) * momentum) + (p.mean([0L]) * (1 - momentum));
        // The confidence is that of the aligned predictions, by the mean prediction as it is now.
        var confidence = Aligned(scores.detach(), cat([averages.narrow(0, 0, 2), prediction])).amax([1L]);
        // One row has no spread: the average stays.
        var spread = p.shape[0] > 1 ? confidence.var(0) : averages[1];
        var confident = stack([confidence.mean(), spread]);
        var moments = (averages.narrow(0, 0, 2) * momentum) + (confident * (1 - momentum));
        return cat([moments, prediction]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view) => averages.Forget();

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step) => averages.Follow(view, step, Next);

    /// <inheritdoc />
    public void OnEnd() => averages.Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state) => averages.Exchange(state, "averages");

    private static Tensor Aligned(Tensor scores, Tensor averages)
    {
        var p = scores.softmax(1);
        var aligned = p / averages.narrow(0, 2, p.shape[1]).clamp_min(1e-12);
        return aligned / aligned.sum(1, keepdim: true);
    }

    private Tensor Next(Tensor scores)
    {
        var classes = scores.shape[1];
        var even = full(classes, 1.0 / classes, scores.dtype, scores.device);
        return Follow(
            scores,
            averages.Value ?? cat([even.narrow(0, 0, 1), ones_like(even.narrow(0, 0, 1)), even]),
            Momentum
        );
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
