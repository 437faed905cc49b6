using TransferLearning.Augmentation;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// CoMatch: pseudo-labels are smoothed by those of near rows in a memory, and the projections of two strong views are
/// to be near each other where the pseudo-labels are.
/// </summary>
/// <remarks>
/// <para>
/// The weak view's predictions over the mean prediction of the last batches, each divided by its sum, are <c>p~</c>.
/// With unit projections f of the weak view and a memory of K such rows with their classes' probabilities,
/// <c>p = a p~ + (1 - a) softmax(f . memory / T) classes</c>, once the memory is full. With logits <c>z'</c> of the
/// first strong view and unit projections <c>g, g'</c> of both the loss is
/// <c>u 1/n sum_i 1[max p_i &gt;= t] CE(z'_i, p_i) - v 1/n sum_ij W_ij log(softmax(g . g' / T)_ij + 1e-7)</c>, where
/// <c>W_ij</c> is <c>p_i . p_j</c>, 1 for a row with itself and 0 below c, each row divided by its sum (Li, Xiong and
/// Hoi 2021, "CoMatch: Semi-supervised Learning with Contrastive Graph Regularization", equations 3 to 9, with the
/// constants of the authors' program). No gradient flows through p, f and W.
/// </para>
/// <para>
/// The memory takes the labeled rows with their labels and the target rows with their <c>p~</c>; the oldest leave. It
/// holds <c>K (D + C)</c> numbers and is checkpointed. One object serves one training at a time.
/// </para>
/// </remarks>
/// <param name="head">The projection head, features to <c>[n, D]</c>; the phase moves it.</param>
/// <param name="strong">The strong augmentation; two draws of it are taken.</param>
/// <param name="weak">The weak augmentation, of labeled rows, too, or null for the rows themselves.</param>
public sealed class CoMatch(ModulePart head, IAugmentation strong, IAugmentation? weak = null)
    : IObjective,
        ITrainingHook
{
    private readonly ModulePart head = head ?? throw new ArgumentNullException(nameof(head));
    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));

    // Views are known by reference: another object is another draw.
    private readonly AugmentationSequence further = new(strong);
    private Tensor? memory; // [k, D]
    private Tensor? classes; // [k, C]
    private Tensor? means; // [b, C]

    /// <summary>
    /// How many rows K are remembered, at least 1. Default 2560, five of the authors' steps of 512 rows.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Keys { get; init; } = 2560;

    /// <summary>The temperature T of similarities, positive. Default 0.2.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 0.2;

    /// <summary>The share a of its own that a prediction keeps, from 0 to 1. Default 0.9.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Smoothing { get; init; } = 0.9;

    /// <summary>The least confidence t at which a row counts, from 0 to below 1. Default 0.95.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Threshold { get; init; } = 0.95;

    /// <summary>The least product c of two rows' predictions that joins them, from 0 to 1. Default 0.8.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double GraphThreshold { get; init; } = 0.8;

    /// <summary>The weight u of the pseudo-labels, not negative. Default 1.</summary>
    [OptionRange(AtLeast = 0)]
    public double ClassWeight { get; init; } = 1;

    /// <summary>The weight v of the graphs' contrast, not negative. Default 1.</summary>
    [OptionRange(AtLeast = 0)]
    public double GraphWeight { get; init; } = 1;

    /// <summary>Over how many batches predictions are averaged, at least 1. Default 32.</summary>
    [OptionRange(AtLeast = 1)]
    public int Window { get; init; } = 32;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weak is null ? [head, strong] : [head, strong, weak];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) =>
        [.. plan.OfClasses(), .. plan.LabeledRows(), .. plan.OneBatchAStep()];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        Tensor labels;
        using (no_grad())
        {
            var read = Read(step);
            labels = BatchMeans.Evened(read, BatchMeans.After(means, read, Window));
            if (memory?.shape[0] == Keys)
            {
                var keys = Projected(step, Seen(step, step.Target));
                labels = Smoothed(labels, keys, memory.to(keys.dtype), classes!, Temperature, Smoothing);
            }
        }
        var features = step.Features(step.View(strong, step.Target));
        var first = RowLengths.Unit(step.Scores(head, features));
        var second = Projected(step, step.View(further, step.Target));
        var kept = labels.amax([1L]).ge(Threshold);
        var ofClasses = CrossEntropy.Of(step.Scores(step.Predictor, features), labels, kept) * ClassWeight;
        return ofClasses + (Contrast(first, second, labels, Temperature, GraphThreshold) * GraphWeight);
    }

    /// <summary>Predictions smoothed by those of near rows.</summary>
    /// <param name="probabilities">Predictions <c>[n, C]</c>.</param>
    /// <param name="keys">Projections of length 1 <c>[n, D]</c>.</param>
    /// <param name="memory">Projections of remembered rows, of length 1 <c>[m, D]</c>.</param>
    /// <param name="memoryClasses">Their classes' probabilities <c>[m, C]</c>.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <param name="smoothing">The share a of its own that a prediction keeps.</param>
    /// <returns>Probabilities <c>[n, C]</c>, constants; the caller disposes them.</returns>
    public static Tensor Smoothed(
        Tensor probabilities,
        Tensor keys,
        Tensor memory,
        Tensor memoryClasses,
        double temperature = 0.2,
        double smoothing = 0.9
    )
    {
        Guard.Pair(keys, memory);
        Guard.Pair(probabilities, memoryClasses);
        Guard.Positive(temperature);
        Guard.Within(smoothing, 0, 1);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var near = (keys.matmul(memory.t()) / temperature).softmax(1).to(memoryClasses.dtype).matmul(memoryClasses);
        return ((probabilities * smoothing) + (near * (1 - smoothing))).MoveToOuterDisposeScope();
    }

    /// <summary>The contrast of two views' projections by the graph of pseudo-labels.</summary>
    /// <param name="first">Projections of the first view, of length 1 <c>[n, D]</c>.</param>
    /// <param name="second">Projections of the second view, of length 1 <c>[n, D]</c>.</param>
    /// <param name="probabilities">The rows' pseudo-labels <c>[n, C]</c>; taken as constants.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <param name="threshold">The least product of two rows' pseudo-labels that joins them.</param>
    /// <returns>A scalar, differentiable in both projections; the caller disposes it.</returns>
    public static Tensor Contrast(
        Tensor first,
        Tensor second,
        Tensor probabilities,
        double temperature = 0.2,
        double threshold = 0.8
    )
    {
        Guard.Pair(first, second);
        Guard.Rows(probabilities);
        Guard.Positive(temperature);
        Guard.Within(threshold, 0, 1);
        using var scope = NewDisposeScope();
        var p = probabilities.detach();
        var isOwn = eye(p.shape[0], dtype: ScalarType.Bool, device: p.device);
        var graph = p.matmul(p.t()).masked_fill(isOwn, 1);
        var joined = graph * graph.ge(threshold).to(graph.dtype);
        var wanted = joined / joined.sum(1, keepdim: true);
        var near = (first.matmul(second.t()) / temperature).softmax(1);
        return (wanted.to(near.dtype) * (near + 1e-7).log()).sum(1).mean().neg().MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view) => Forget();

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var mode = EvaluationMode.Of(view.Extractor, view.Predictor, head);
        var read = Read(step);
        var after = BatchMeans.After(means, read, Window);
        var labeled = step.Labeled.ToList();
        var keys = labeled
            .Select(batch => Projected(step, Seen(step, batch)))
            .Prepend(Projected(step, Seen(step, step.Target)));
        var labels = labeled
            .Select(batch => SoftLabels.Of(batch).to(read.dtype))
            .Prepend(BatchMeans.Evened(read, after));
        (memory, classes, means) = (Joined(memory, keys), Joined(classes, labels), Replaced(means, after));
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("memory", ref memory);
        state.Slot("classes", ref classes);
        state.Slot("means", ref means);
    }

    private static Tensor Replaced(Tensor? old, Tensor next)
    {
        old?.Dispose();
        return next.DetachFromDisposeScope();
    }

    private IBatch Seen(StepContext step, IBatch batch) => weak is null ? batch : step.View(weak, batch);

    private Tensor Read(StepContext step) => step.Scores(Seen(step, step.Target)).softmax(1);

    private Tensor Projected(StepContext step, IBatch batch) =>
        RowLengths.Unit(step.Scores(head, step.Features(batch)));

    // The last rows of what there was and of what comes.
    private Tensor Joined(Tensor? old, IEnumerable<Tensor> next)
    {
        var all = cat([.. next.Prepend(old).OfType<Tensor>()]);
        var excess = Math.Max(0, all.shape[0] - Keys);
        return Replaced(old, all.narrow(0, excess, all.shape[0] - excess).clone());
    }

    private void Forget()
    {
        memory?.Dispose();
        classes?.Dispose();
        means?.Dispose();
        (memory, classes, means) = (null, null, null);
    }
}
