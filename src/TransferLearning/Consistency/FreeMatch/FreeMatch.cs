using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// FreeMatch: FixMatch with thresholds that follow the network's own confidence, as a whole and for each class, and a
/// term that keeps its readings diverse.
/// </summary>
/// <remarks>
/// <para>
/// Moving averages over the target's weak views keep a share m of the old value a step: t of the confidence, <c>p_c</c>
/// of the predictions, <c>h_c</c> of the readings' shares; they start at 1/C. A row counts where its confidence is at
/// least <c>t p_c / max p</c> for its class c. The loss is that of <see cref="FixMatch"/> and
/// <c>w sum_c a_c log b_c</c>, with a of <c>p_c / h_c</c> and b of the same quotient over the strong views of the rows
/// that count, each divided by its sum (Wang et al. 2023, "FreeMatch: Self-adaptive Thresholding for Semi-supervised
/// Learning", equations 4 to 11). No gradient flows through a, the thresholds and the shares.
/// </para>
/// <para>The averages are checkpointed. One object serves one training at a time.</para>
/// </remarks>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
public sealed class FreeMatch(IAugmentation strong, IAugmentation? weak = null) : IObjective, ITrainingHook
{
    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));
    private readonly WeakViewAverages averages = new(weak); // [1 + 2 C]: t, p, h

    /// <summary>The share m of the averages that a step keeps, from 0 to below 1. Default 0.999.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Momentum { get; init; } = 0.999;

    /// <summary>
    /// The weight w of the term that keeps readings diverse, not negative. Default 0.01, the authors' program.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Fairness { get; init; } = 0.01;

    /// <summary>
    /// The confidence that t starts at, from 0 to 1; null for 1/C. Default null, the authors'; with 1 few rows count at
    /// first.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double? Start { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weak is null ? [strong] : [strong, weak];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        Tensor plain,
            next;
        using (no_grad())
        {
            plain = averages.Scores(step);
            next = Next(plain);
        }
        return Of(plain, step.Scores(step.View(strong, step.Target)), next, Fairness);
    }

    /// <summary>The loss of two sets of logits.</summary>
    /// <param name="weak">Logits of the weak view <c>[n, C]</c>; taken as constants.</param>
    /// <param name="strong">Logits of the strong view <c>[n, C]</c>.</param>
    /// <param name="averages">
    /// The averages <c>[1 + 2 C]</c>: the confidence, the predictions and the readings' shares.
    /// </param>
    /// <param name="fairness">The weight of the term that keeps readings diverse.</param>
    /// <returns>A scalar, differentiable in <paramref name="strong"/>; the caller disposes it.</returns>
    public static Tensor Of(Tensor weak, Tensor strong, Tensor averages, double fairness = 0.01)
    {
        Guard.Pair(weak, strong);
        Guard.Alive(averages);
        Guard.NotNegative(fairness);
        var classes = weak.shape[1];
        if (averages.dim() != 1 || averages.shape[0] != 1 + (2 * classes))
        {
            throw new ArgumentException(
                $"averages must be [{1 + (2 * classes)}] for {classes} classes; got {Shape.Of(averages)}.",
                nameof(averages)
            );
        }
        using var scope = NewDisposeScope();
        var (predictions, shares) = (averages.narrow(0, 1, classes), averages.narrow(0, 1 + classes, classes));
        var (confidence, labels) = weak.detach().softmax(1).max(1);
        var least = averages[0] * predictions / predictions.max();
        var kept = confidence.ge(least.index_select(0, labels));
        var loss = CrossEntropy.Of(strong, labels, kept);
        if (fairness > 0)
        {
            loss += Diversity(strong, kept.to(strong.dtype), predictions, shares) * fairness;
        }
        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>The averages after a batch.</summary>
    /// <param name="scores">Logits <c>[n, C]</c> of the weak view.</param>
    /// <param name="averages">The averages before <c>[1 + 2 C]</c>.</param>
    /// <param name="momentum">The share of the old value that is kept.</param>
    /// <returns>
    /// The averages <c>[1 + 2 C]</c>: the confidence, the predictions and the readings' shares; the caller disposes
    /// them.
    /// </returns>
    public static Tensor Follow(Tensor scores, Tensor averages, double momentum = 0.999)
    {
        Guard.Rows(scores);
        Guard.Alive(averages);
        Guard.InRange(momentum, 0, 1);
        using var scope = NewDisposeScope();
        var p = scores.detach().softmax(1);
        var (confidence, labels) = p.max(1);
        var readings = nn.functional.one_hot(labels, p.shape[1]).to(p.dtype).mean([0L]);
        var now = cat([confidence.mean().unsqueeze(0), p.mean([0L]), readings]);
        return ((averages * momentum) + (now * (1 - momentum))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view) => averages.Forget();

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step) => averages.Follow(view, step, Next);

    /// <inheritdoc />
    public void OnEnd() => averages.Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state) => averages.Exchange(state, "averages");

    // sum_c a_c log b_c; 0 where no row counts.
    private static Tensor Diversity(Tensor strong, Tensor kept, Tensor predictions, Tensor shares)
    {
        var wanted = predictions / shares.clamp_min(1e-12);
        var p = strong.softmax(1) * kept.unsqueeze(1);
        var readings = (nn.functional.one_hot(strong.detach().argmax(1), p.shape[1]) * kept.unsqueeze(1)).sum(
            dim: [0L]
        );
        // A class that no row is read as has no quotient.
        var now = where(readings.gt(0), p.sum(dim: [0L]) / readings.clamp_min(1), 0);
        var logs = ((now / now.sum().clamp_min(1e-12)) + 1e-12).log();
        return where(kept.sum().gt(0), (wanted / wanted.sum() * logs).sum(), 0);
    }

    private Tensor Next(Tensor scores)
    {
        if (averages.Value is { } now)
        {
            return Follow(scores, now, Momentum);
        }
        var even = full(1 + (2 * scores.shape[1]), 1.0 / scores.shape[1], scores.dtype, scores.device);
        if (Start is { } start)
        {
            even[0] = start;
        }
        return Follow(scores, even, Momentum);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
