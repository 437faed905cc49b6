using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// Debiased pseudo-labels (DebiasMatch): FixMatch without the classes that the network prefers anyway.
/// </summary>
/// <remarks>
/// <para>
/// <c>1/n sum_i 1[max p~_i &gt;= t] CE(z'_i + l log q, argmax p~_i)</c> with <c>p~ = softmax(z - l log q)</c> of the
/// weak view, constants, <c>z'</c> the logits of the strong one, and q the moving average of the mean of
/// <c>softmax(z)</c>, even at the start, of which a step keeps a share m (Wang, Wu, Lian and Yu 2022, "Debiased
/// Learning from Naturally Imbalanced Pseudo-Labels", equations 4 to 6): what the network reads everywhere is taken out
/// of the labels, and classes that it reads rarely get a margin in the loss. The authors' program takes two weak and
/// two strong views of a row and adds a contrast of the batch's class means, which is left out.
/// </para>
/// <para>The average is checkpointed. One object serves one training at a time.</para>
/// </remarks>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
public sealed class DebiasedPseudoLabels(IAugmentation strong, IAugmentation? weak = null) : IObjective, ITrainingHook
{
    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));
    private readonly WeakViewAverages average = new(weak); // [C]

    /// <summary>The least confidence t at which a row counts, from 0 to below 1. Default 0.95.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Threshold { get; init; } = 0.95;

    /// <summary>
    /// The strength l of both corrections, not negative. Default 0.4, the authors' for ImageNet and USB's.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double Strength { get; init; } = 0.4;

    /// <summary>The share m of the average that a step keeps, from 0 to below 1. Default 0.999.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Momentum { get; init; } = 0.999;

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
            plain = average.Scores(step);
        }
        var scores = step.Scores(step.View(strong, step.Target));
        return Of(plain, scores, average.Value ?? Even(plain), Threshold, Strength);
    }

    /// <summary>The loss of two sets of logits.</summary>
    /// <param name="weak">Logits of the weak view <c>[n, C]</c>; taken as constants.</param>
    /// <param name="strong">Logits of the strong view <c>[n, C]</c>.</param>
    /// <param name="average">The average prediction q <c>[C]</c>.</param>
    /// <param name="threshold">The least confidence.</param>
    /// <param name="strength">The strength of both corrections.</param>
    /// <returns>A scalar, differentiable in <paramref name="strong"/>; the caller disposes it.</returns>
    public static Tensor Of(Tensor weak, Tensor strong, Tensor average, double threshold = 0.95, double strength = 0.4)
    {
        Guard.Alive(average);
        Guard.Pair(weak, strong);
        Guard.InRange(threshold, 0, 1);
        Guard.NotNegative(strength);
        using var scope = NewDisposeScope();
        var margin = average.detach().to(strong.dtype).clamp_min(1e-12).log() * strength;
        var (confidence, labels) = (weak.detach() - margin).softmax(1).max(1);
        return CrossEntropy.Of(strong + margin, labels, confidence.ge(threshold)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view) => average.Forget();

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step) =>
        average.Follow(
            view,
            step,
            plain => ((average.Value ?? Even(plain)) * Momentum) + (plain.softmax(1).mean([0L]) * (1 - Momentum))
        );

    /// <inheritdoc />
    public void OnEnd() => average.Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state) => average.Exchange(state, "average");

    private static Tensor Even(Tensor scores) =>
        full(scores.shape[1], 1.0 / scores.shape[1], scores.dtype, scores.device);

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
