using TransferLearning.Augmentation;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// Self-Tuning's pseudo group contrast: a row is to lie near all remembered rows of its pseudo-label's class, so that
/// one wrong label does little harm.
/// </summary>
/// <remarks>
/// <para>
/// With unit projections q of the rows as the head under training makes them, and k of the same rows by a moving
/// average of extractor and head: over k_i and a memory of K keys of each class,
/// <c>mean_i -1/(K + 1) sum_(+) log softmax(q_i . k / T) - log(K + 1)</c>, the sum over k_i and the memory's keys of
/// class <c>y_i</c> (Wang, Gao, Long and Wang 2021, "Self-Tuning for Data-Efficient Deep Learning", equation 4). It is
/// 0 where all K + 1 are equally near and all others infinitely far. <c>y_i</c> is the label of a labeled row and the
/// predictor's reading of a target row. No gradient flows through keys and labels.
/// </para>
/// <para>
/// After every step the averages follow, and the keys take the places of their class's oldest. The memory starts with
/// random directions; it holds <c>C K D</c> numbers and is checkpointed. One object serves one training at a time. Rows
/// have no weights in it: a training with example weights is refused.
/// </para>
/// </remarks>
/// <param name="head">The projection head, features to <c>[n, D]</c>; the phase moves it.</param>
/// <param name="keyExtractor">
/// The average of the extractor, of its architecture: <c>extractor.Replica()</c>. The caller disposes it.
/// </param>
/// <param name="keyHead">The average of the head, likewise.</param>
/// <param name="first">How the head under training looks at rows, or null for the rows themselves.</param>
/// <param name="second">
/// How the averages look at rows, or null for the rows themselves; the first again is another draw of it.
/// </param>
public sealed class PseudoGroupContrast(
    ModulePart head,
    ModulePart keyExtractor,
    ModulePart keyHead,
    IAugmentation? first = null,
    IAugmentation? second = null
) : IObjective, ITrainingHook
{
    private readonly ModulePart head = head ?? throw new ArgumentNullException(nameof(head));
    private readonly ModulePart keyExtractor = keyExtractor ?? throw new ArgumentNullException(nameof(keyExtractor));
    private readonly ModulePart keyHead = keyHead ?? throw new ArgumentNullException(nameof(keyHead));
    private readonly IAugmentation? second = SecondLook.Apart(first, second);
    private Tensor? memory; // [C, K, D]
    private Tensor? places; // int64 [C]

    /// <summary>How many keys K of each class are remembered, at least 1. Default 32, the authors'.</summary>
    [OptionRange(AtLeast = 1)]
    public int Keys { get; init; } = 32;

    /// <summary>The temperature T, positive. Default 0.07.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 0.07;

    /// <summary>The share of the averages that a step keeps, from 0 to below 1. Default 0.999.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Momentum { get; init; } = 0.999;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => new IPart?[] { head, keyExtractor, keyHead, first, second }.OfType<IPart>();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        if (step.Labeled.Any(batch => batch.Weights is not null))
        {
            throw new ArgumentException(
                "pseudo group contrast cannot weigh rows, and they have example weights: take the weights away, or "
                    + "the term.",
                nameof(step)
            );
        }
        var (keys, labels) = Remembered(step);
        var queries = cat([.. Batches(step).Select(batch => Unit(Projected(step, batch)))]);
        return memory is null
            ? queries.sum() * 0 // the rehearsal: no memory yet
            : Of(queries, keys, memory.to(queries.dtype), labels, Temperature);
    }

    /// <summary>The contrast of some projections.</summary>
    /// <param name="queries">Projections q of length 1 <c>[n, D]</c>.</param>
    /// <param name="keys">Keys k of the same rows, of length 1 <c>[n, D]</c>; taken as constants.</param>
    /// <param name="memory">Keys of each class <c>[C, K, D]</c>; taken as constants.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <returns>A scalar, differentiable in the queries; the caller disposes it.</returns>
    public static Tensor Of(Tensor queries, Tensor keys, Tensor memory, Tensor labels, double temperature = 0.07)
    {
        Guard.Alive(labels);
        Guard.Alive(memory);
        Guard.Pair(queries, keys);
        ClassMemory.Check(keys, memory, labels);
        Guard.Positive(temperature);
        using var scope = NewDisposeScope();
        var own = (queries * keys.detach()).sum(1, keepdim: true) / temperature;
        var others = queries.matmul(memory.detach().reshape(-1, memory.shape[2]).t()) / temperature;
        return ClassMemory.Contrast(own, others, labels, memory.shape[1]).MoveToOuterDisposeScope();
    }

    /// <summary>A memory after some keys have taken the places of their classes' oldest.</summary>
    /// <param name="memory">Keys of each class <c>[C, K, D]</c>.</param>
    /// <param name="places">The place of each class's oldest key, int64 <c>[C]</c>.</param>
    /// <param name="keys">New keys <c>[n, D]</c>, in order; of more than K of one class the last stay.</param>
    /// <param name="labels">Their class numbers, int64 <c>[n]</c>.</param>
    /// <returns>The memory and the places as they are then; the caller disposes both.</returns>
    public static (Tensor Memory, Tensor Places) Enqueued(Tensor memory, Tensor places, Tensor keys, Tensor labels)
    {
        Guard.Alive(labels);
        Guard.Alive(memory);
        Guard.Alive(places);
        Guard.Rows(keys);
        ClassMemory.Check(keys, memory, labels);
        using var scope = NewDisposeScope();
        var (next, after) = ClassMemory.Enqueued(memory, places, keys, labels);
        return (next.MoveToOuterDisposeScope(), after.MoveToOuterDisposeScope());
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Forget();
        keyExtractor.CopyFrom(Student(view));
        keyHead.CopyFrom(head);
        using var scope = NewDisposeScope();
        var like = head.Module.parameters().First();
        using var generator = view.Key.Generator();
        var classes = view.Domains.Space.Width;
        var row = Data.BatchedPass.Read(view.Domains.SampleRows, 0, 1).to(like.device);
        var width = head.Predict(view.Extractor.For(DomainId.Target).Extract(row)).shape[1];
        var drawn = randn([classes, Keys, width], dtype: like.dtype, generator: generator);
        memory = (drawn / drawn.norm(2, keepdim: true)).to(like.device).DetachFromDisposeScope();
        places = zeros(classes, int64, like.device).DetachFromDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return [.. plan.OfClasses(), .. plan.OneBatchAStep()];
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        using var mode = EvaluationMode.Of(view.Extractor, view.Predictor, head);
        var (keys, labels) = Remembered(step);
        var (next, after) = Enqueued(memory!, places!, keys, labels);
        (memory, places) = (Replaced(memory, next), Replaced(places, after));
        MeanTeacher.Follow(keyExtractor.Module, Student(view).Module, Momentum);
        MeanTeacher.Follow(keyHead.Module, head.Module, Momentum);
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("memory", ref memory);
        state.Slot("places", ref places);
    }

    private static Tensor Unit(Tensor rows) => rows / rows.norm(1, keepdim: true).clamp_min(1e-12);

    private static Tensor Replaced(Tensor? old, Tensor next)
    {
        old?.Dispose();
        return next.DetachFromDisposeScope();
    }

    private static ITrainable Student(TrainingView view) =>
        view.Extractor.For(DomainId.Target) as ITrainable
        ?? throw new InvalidOperationException(
            $"Pseudo group contrast follows a trainable extractor; this one is a {view.Extractor.GetType().Name}."
        );

    private static IEnumerable<IBatch> Batches(StepContext step) => step.Labeled.Cast<IBatch>().Append(step.Target);

    private Tensor Projected(StepContext step, IBatch batch) =>
        step.Scores(head, step.Features(first is null ? batch : step.View(first, batch)));

    // Mixed labels are of no group.
    private static Tensor Classes(LabeledBatch batch) =>
        !batch.Labels.is_floating_point()
            ? batch.Labels
            : throw new ArgumentException(
                $"pseudo group contrast compares class numbers; the labels of {batch.Domain} are "
                    + $"{Shape.Of(batch.Labels)}: leave out what mixes rows, or the term.",
                nameof(batch)
            );

    // Keys as they were when the step was taken, because their parts do not move by it; labels as they are read now.
    private (Tensor Keys, Tensor Labels) Remembered(StepContext step)
    {
        using var quiet = no_grad();
        var keys = Batches(step)
            .Select(batch => second is null ? batch : step.View(second, batch))
            .Select(batch => Unit(step.Scores(keyHead, step.Features(keyExtractor, batch))));
        var labels = step
            .Labeled.Select(Classes)
            .Append(step.Scores(first is null ? step.Target : step.View(first, step.Target)).argmax(1));
        return (cat([.. keys]), cat([.. labels]));
    }

    private void Forget()
    {
        memory?.Dispose();
        places?.Dispose();
        (memory, places) = (null, null);
    }
}
