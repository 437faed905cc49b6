using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// DANCE's neighborhood clustering: each target row is to be near few others, a class's prototype or other target rows,
/// whatever its class is.
/// </summary>
/// <remarks>
/// <para>
/// The mean entropy, in nats, of a softmax over a row's C scores, its cosines to all target rows that the batch does
/// not hold, by a memory, and its cosines to the batch's other rows, cosines divided by T (Saito, Kim, Sclaroff and
/// Saenko 2020, "Universal Domain Adaptation through Self-Supervision", equations 4 and 5, as in the authors' program:
/// the batch's rows take part as they are, and a row's own place counts with a cosine of -1). The predictor should be a
/// <c>CosineClassifier</c> of the same temperature, whose scores are of the same kind.
/// </para>
/// <para>
/// The memory <c>[m, d]</c> starts at 0 and takes a step's rows after it; it is checkpointed. No gradient flows through
/// it. Costs <c>b m d</c> a step for b of m target rows. One object serves one training at a time.
/// </para>
/// </remarks>
public sealed class NeighborhoodClustering : IObjective, ITrainingHook
{
    private Tensor? memory; // unit rows [m, d], or 0

    /// <summary>The temperature T, positive. Default 0.05, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 0.05;

    /// <summary>
    /// The share of a row that the memory keeps, from 0 to below 1; old and new row are of length 1, and so is their
    /// mixture. Default 0, the authors'.
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Momentum { get; init; }

    /// <summary>What is added inside the logarithm, not negative; 0 is exact. Default 1e-5, the authors'.</summary>
    [OptionRange(AtLeast = 0)]
    public double Epsilon { get; init; } = 1e-5;

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => [.. plan.OfClasses(), .. plan.OneBatchAStep()];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var (features, scores) = (step.Features(step.Target), step.Scores(step.Target));
        step.Once(this, step.Target, () => new Seen(features.detach()));
        // The rehearsal has no memory yet: one of the batch's rows alone.
        return memory is null
            ? Of(features, scores, arange(features.shape[0], device: features.device), zeros_like(features))
            : Of(features, scores, step.Target.Rows, memory);
    }

    /// <summary>The mean entropy of a batch.</summary>
    /// <param name="features">The batch's features <c>[b, d]</c>.</param>
    /// <param name="scores">Its logits <c>[b, C]</c>.</param>
    /// <param name="rows">Its places in the memory, int64 <c>[b]</c>.</param>
    /// <param name="memory">Features of length 1 of all target rows <c>[m, d]</c>, or 0; taken as constants.</param>
    /// <returns>A scalar, differentiable in features and scores; the caller disposes it.</returns>
    public Tensor Of(Tensor features, Tensor scores, Tensor rows, Tensor memory)
    {
        Guard.Pair(features, memory);
        Guard.Rows(scores);
        Guard.Alive(rows);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var unit = nn.functional.normalize(features, 2, 1);
        var others = unit.matmul(memory.detach().t()).index_fill(1, rows.to(features.device), -1);
        var isOwn = eye(features.shape[0], dtype: @bool, device: features.device);
        var among = unit.matmul(unit.t()).masked_fill(isOwn, -1);
        var all = cat([scores, others / Temperature, among / Temperature], 1);
        return RowEntropy.Of(all, Epsilon).mean().MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Forget();
        using var scope = NewDisposeScope();
        var row = Data.BatchedPass.Read(view.Domains.Target.Rows, 0, 1);
        row = row.to(PartDevice.Of(view.Extractor) ?? row.device);
        var like = view.Extractor.For(DomainId.Target).Extract(row);
        memory = zeros([view.Domains.Target.Count, like.shape[1]], like.dtype, like.device).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        if (step.Once(this, step.Target, () => new Seen(null)).Features is not { } features)
        {
            return; // the term had weight 0 in this step
        }
        var rows = step.Target.Rows.to(memory!.device);
        var next = nn.functional.normalize(features.to(memory.dtype), 2, 1);
        if (Momentum > 0)
        {
            next = (memory.index_select(0, rows) * Momentum) + (next * (1 - Momentum));
            next = nn.functional.normalize(next, 2, 1);
        }
        memory.index_copy_(0, rows, next);
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("memory", ref memory);
    }

    private void Forget()
    {
        memory?.Dispose();
        memory = null;
    }

    private sealed record Seen(Tensor? Features);
}
