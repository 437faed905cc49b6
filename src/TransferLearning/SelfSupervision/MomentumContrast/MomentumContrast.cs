using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// MoCo: a view of a row must be nearer to another view of it by an average of the network than to a long queue of
/// earlier rows.
/// </summary>
/// <remarks>
/// <para>
/// <c>mean_i -log( exp(q_i . k_i / T) / (exp(q_i . k_i / T) + sum_j exp(q_i . m_j / T)) )</c>, q projections of length
/// 1, k those of the other view by the averaged extractor and head, m the queue of the last keys (He, Fan, Wu, Xie and
/// Girshick 2020, "Momentum Contrast for Unsupervised Visual Representation Learning", equation 1). The keys of a step
/// join the queue after it. The queue starts with drawn directions, as in the authors' program. No gradient flows
/// through keys and queue.
/// </para>
/// <para>
/// The averages keep a share m a step, and they pass in evaluation mode: no statistics of a batch tell a query which
/// key is its own, for which the authors shuffle rows between devices. Queue and averages are checkpointed; one object
/// serves one training at a time.
/// </para>
/// </remarks>
public sealed class MomentumContrast : ISelfSupervision, ITrainingHook
{
    private readonly ModulePart head;
    private readonly ModulePart keyExtractor;
    private readonly ModulePart keyHead;
    private readonly IAugmentation first;
    private readonly IAugmentation second;
    private Tensor? queue; // [K, k], the oldest key first

    /// <summary>A contrast with a queue.</summary>
    /// <param name="head">Projects features <c>[n, d]</c> to <c>[n, k]</c>.</param>
    /// <param name="keyExtractor">
    /// The average of the extractor: <c>extractor.Replica()</c>. The caller disposes it.
    /// </param>
    /// <param name="keyHead">The average of the head: <c>head.Replica()</c>. Likewise.</param>
    /// <param name="first">How a row is looked at.</param>
    /// <param name="second">How it is looked at for its key; null for the same, drawn anew.</param>
    public MomentumContrast(
        ModulePart head,
        ModulePart keyExtractor,
        ModulePart keyHead,
        IAugmentation first,
        IAugmentation? second = null
    )
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(keyExtractor);
        ArgumentNullException.ThrowIfNull(keyHead);
        (this.head, this.keyExtractor, this.keyHead) = (head, keyExtractor, keyHead);
        (this.first, this.second) = AnotherLook.Two(first, second);
    }

    /// <summary>Whose rows are looked at. Default all.</summary>
    public ViewedDomains Domains { get; init; }

    /// <summary>
    /// How many keys K are remembered, at least 1. Default 65,536, the authors' for a million images; keep it below the
    /// number of rows.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Keys { get; init; } = 65_536;

    /// <summary>The temperature T, positive. Default 0.07.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 0.07;

    /// <summary>The share m of the averages that a step keeps, from 0 to below 1. Default 0.999.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Momentum { get; init; } = 0.999;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Learned => [head];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [head, keyExtractor, keyHead, first, second];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        Guard.Options(this);
        var batches = ViewedRows.Of(step, Domains, "momentum contrast");
        var keys = KeysOf(step, batches);
        var queries = ViewedRows.Joined(
            batches,
            batch => ViewedRows.Unit(step.Scores(head, step.Features(step.View(first, batch))))
        );
        return queue is null
            ? queries.sum() * 0 // the rehearsal: no queue yet
            : Of(queries, keys, queue.to(queries.dtype), Temperature);
    }

    /// <summary>The contrast of some projections.</summary>
    /// <param name="queries">Projections q of length 1 <c>[n, k]</c>.</param>
    /// <param name="keys">Keys k of the same rows, of length 1 <c>[n, k]</c>; taken as constants.</param>
    /// <param name="queue">Keys of other rows <c>[K, k]</c>; taken as constants.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <returns>A scalar, differentiable in the queries; the caller disposes it.</returns>
    public static Tensor Of(Tensor queries, Tensor keys, Tensor queue, double temperature = 0.07)
    {
        Guard.Pair(queries, keys);
        Guard.Pair(queries, queue);
        Guard.Positive(temperature);
        using var scope = NewDisposeScope();
        var own = (queries * keys.detach()).sum(1, keepdim: true);
        var all = cat([own, queries.matmul(queue.detach().t())], 1) / temperature;
        return (all.logsumexp(1) - all.select(1, 0)).mean().MoveToOuterDisposeScope();
    }

    /// <summary>A queue after some keys have joined it and as many of the oldest have left.</summary>
    /// <param name="queue">The queue <c>[K, k]</c>, the oldest key first.</param>
    /// <param name="keys">New keys <c>[n, k]</c>; of more than K the last stay.</param>
    /// <returns>The queue as it is then <c>[K, k]</c>; the caller disposes it.</returns>
    public static Tensor Enqueued(Tensor queue, Tensor keys)
    {
        Guard.Pair(queue, keys);
        using var scope = NewDisposeScope();
        var all = cat([queue, keys.detach()]);
        return all.narrow(0, keys.shape[0], queue.shape[0]).clone().MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Guard.Options(this);
        Forget();
        keyExtractor.CopyFrom(MovingAverage.Leader(view, "momentum contrast"));
        keyHead.CopyFrom(head);
        using var scope = NewDisposeScope();
        var like = head.Module.parameters().First();
        var row = Data.BatchedPass.Read(view.Domains.SampleRows, 0, 1).to(like.device);
        var width = head.Predict(view.Extractor.For(DomainId.Target).Extract(row)).shape[1];
        using var generator = view.Key.Generator();
        var drawn = randn([Keys, width], dtype: like.dtype, generator: generator);
        queue = ViewedRows.Unit(drawn).to(like.device).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        using var mode = EvaluationMode.Of(view.Extractor, view.Predictor, head);
        var keys = KeysOf(step, ViewedRows.Of(step, Domains, "momentum contrast"));
        var next = Enqueued(queue!, keys.to(queue!.dtype)).DetachFromDisposeScope();
        queue.Dispose();
        queue = next;
        MovingAverage.Follow(keyExtractor.Module, MovingAverage.Leader(view, "momentum contrast").Module, Momentum);
        MovingAverage.Follow(keyHead.Module, head.Module, Momentum);
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("queue", ref queue);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.OneBatchAStep();
    }

    // As they were when the step was taken: passes that carry no gradient are remembered.
    private Tensor KeysOf(StepContext step, IReadOnlyList<IBatch> batches)
    {
        using var quiet = no_grad();
        return ViewedRows.Joined(
            batches,
            batch => ViewedRows.Unit(step.Scores(keyHead, step.Features(keyExtractor, step.View(second, batch))))
        );
    }

    private void Forget()
    {
        queue?.Dispose();
        queue = null;
    }
}
