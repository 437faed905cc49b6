using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// SimMatch: two views of a target row are to be read alike and to lie alike among all labeled rows; each of the two
/// likenesses corrects the other.
/// </summary>
/// <remarks>
/// <para>
/// A moving average of extractor, predictor and projection head, the teacher, looks at the weak view. Its predictions
/// over the mean prediction of the last batches, each divided by its sum, are p; <c>w = softmax(k . b / T)</c> are the
/// similarities of its unit projections k with a memory b of the projections of all labeled rows, whose classes are y.
/// Classes and similarities pass on to each other: <c>p^_c = a p_c + (1 - a) sum_(y_j = c) w_j</c> and
/// <c>w^_j = w_j p_(y_j)</c>, divided by its sum. With the network's logits <c>z'</c> and unit projections q of the
/// strong view the loss is <c>u 1/n sum_i 1[max p^_i &gt;= t] CE(z'_i, p^_i) + v 1/n sum_i CE(q_i . b / T, w^_i)</c>
/// (Zheng, You, Huang, Wang, Qian and Xu 2022, "SimMatch: Semi-supervised Learning with Similarity Matching", equations
/// 6 to 12, with the constants of the authors' program for ImageNet). No gradient flows through p, w and b.
/// </para>
/// <para>
/// The memory is filled by a pass over the labeled rows when training starts, and a row's projection follows whenever
/// the row comes up; the authors start the second term, and what w adds to p, after an epoch instead. It holds <c>n
/// D</c> numbers for n labeled rows and is checkpointed. One object serves one training at a time.
/// </para>
/// </remarks>
/// <param name="head">The projection head, features to <c>[n, D]</c>; the phase moves it.</param>
/// <param name="keyExtractor">
/// The average of the extractor, of its architecture: <c>extractor.Replica()</c>. The caller disposes it.
/// </param>
/// <param name="keyPredictor">The average of the predictor, likewise.</param>
/// <param name="keyHead">The average of the head, likewise.</param>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
public sealed class SimMatch(
    ModulePart head,
    ModulePart keyExtractor,
    ModulePart keyPredictor,
    ModulePart keyHead,
    IAugmentation strong,
    IAugmentation? weak = null
) : IObjective, ITrainingHook
{
    private readonly ModulePart head = head ?? throw new ArgumentNullException(nameof(head));
    private readonly ModulePart keyExtractor = keyExtractor ?? throw new ArgumentNullException(nameof(keyExtractor));
    private readonly ModulePart keyPredictor = keyPredictor ?? throw new ArgumentNullException(nameof(keyPredictor));
    private readonly ModulePart keyHead = keyHead ?? throw new ArgumentNullException(nameof(keyHead));
    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));
    private Tensor? memory; // b [n, D]
    private Tensor? labels; // y int64 [n]
    private Tensor? means; // [k, C]
    private long[] starts = []; // of each labeled domain's rows in the memory

    /// <summary>The temperature T of similarities, positive. Default 0.1.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 0.1;

    /// <summary>The share a of its own that a prediction keeps, from 0 to 1. Default 0.9.</summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double Smoothing { get; init; } = 0.9;

    /// <summary>
    /// The least confidence t at which a row counts, from 0 to below 1. Default 0.7; the paper has 0.95 for small
    /// images.
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Threshold { get; init; } = 0.7;

    /// <summary>
    /// The weight u of the classes' term, not negative. Default 10; the paper has 1 for small images.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double ClassWeight { get; init; } = 10;

    /// <summary>
    /// The weight v of the similarities' term, not negative. Default 5; the paper has 1 for small images.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public double SimilarityWeight { get; init; } = 5;

    /// <summary>The share of the averages that a step keeps, from 0 to below 1. Default 0.999.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Momentum { get; init; } = 0.999;

    /// <summary>Over how many batches predictions are averaged, at least 1. Default 256.</summary>
    [OptionRange(AtLeast = 1)]
    public int Window { get; init; } = 256;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts =>
        new IPart?[] { head, keyExtractor, keyPredictor, keyHead, strong, weak }.OfType<IPart>();

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) =>
        [.. plan.OfClasses(), .. plan.LabeledRows(), .. plan.OneBatchAStep()];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var (p, keys) = Teacher(step);
        var features = step.Features(step.View(strong, step.Target));
        var (scores, queries) = (step.Scores(step.Predictor, features), RowLengths.Unit(step.Scores(head, features)));
        if (memory is null)
        {
            return CrossEntropy.Of(scores, p) + (queries.sum() * 0); // the rehearsal: no memory yet
        }
        var remembered = memory.to(queries.dtype);
        var near = keys.to(queries.dtype);
        var (classes, similarities) = Propagated(p, near, remembered, labels!, Temperature, Smoothing);
        var kept = classes.amax([1L]).ge(Threshold);
        var ofClasses = CrossEntropy.Of(scores, classes, kept) * ClassWeight;
        return ofClasses + (Contrast(queries, remembered, similarities, Temperature) * SimilarityWeight);
    }

    /// <summary>Predictions and similarities after each has passed on to the other.</summary>
    /// <param name="probabilities">Predictions p <c>[n, C]</c>.</param>
    /// <param name="keys">Projections k of length 1 <c>[n, D]</c>.</param>
    /// <param name="memory">Projections b of labeled rows, of length 1 <c>[m, D]</c>.</param>
    /// <param name="labels">Their class numbers y, int64 <c>[m]</c>.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <param name="smoothing">The share a of its own that a prediction keeps.</param>
    /// <returns>
    /// The predictions <c>[n, C]</c> and the similarities <c>[n, m]</c>, constants; the caller disposes both.
    /// </returns>
    public static (Tensor Classes, Tensor Similarities) Propagated(
        Tensor probabilities,
        Tensor keys,
        Tensor memory,
        Tensor labels,
        double temperature = 0.1,
        double smoothing = 0.9
    )
    {
        Guard.Rows(probabilities);
        Guard.Pair(keys, memory);
        Guard.Alive(labels);
        Guard.Positive(temperature);
        Guard.Within(smoothing, 0, 1);
        if (labels.dim() != 1 || labels.shape[0] != memory.shape[0])
        {
            throw new ArgumentException(
                $"labels must be class numbers [{memory.shape[0]}]; got {Shape.Of(labels)}.",
                nameof(labels)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var p = probabilities.detach();
        var w = (keys.matmul(memory.t()) / temperature).softmax(1).to(p.dtype);
        var isClass = nn.functional.one_hot(labels, p.shape[1]).to(p.dtype);
        var classes = (p * smoothing) + (w.matmul(isClass) * (1 - smoothing));
        var weighed = w * p.matmul(isClass.t());
        var similarities = weighed / weighed.sum(1, keepdim: true).clamp_min(1e-30);
        return (classes.MoveToOuterDisposeScope(), similarities.MoveToOuterDisposeScope());
    }

    /// <summary>The cross-entropy of similarities.</summary>
    /// <param name="queries">Projections q of length 1 <c>[n, D]</c>.</param>
    /// <param name="memory">Projections b of labeled rows, of length 1 <c>[m, D]</c>; taken as constants.</param>
    /// <param name="similarities">The wanted similarities <c>[n, m]</c>; taken as constants.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <returns>A scalar, differentiable in the queries; the caller disposes it.</returns>
    public static Tensor Contrast(Tensor queries, Tensor memory, Tensor similarities, double temperature = 0.1)
    {
        Guard.Pair(queries, memory);
        Guard.Alive(similarities);
        Guard.Positive(temperature);
        using var scope = NewDisposeScope();
        var logits = queries.matmul(memory.detach().t()) / temperature;
        return CrossEntropy.Of(logits, similarities.detach()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Forget();
        keyExtractor.CopyFrom(MovingAverage.Leader(view, "SimMatch"));
        keyPredictor.CopyFrom(Predictor(view));
        keyHead.CopyFrom(head);
        using var scope = NewDisposeScope();
        var like = head.Module.parameters().First();
        var rows = view.Domains.Labeled.Select(pair =>
            RowLengths.Unit(keyHead.Predict(BatchedPass.Over(pair.Domain.Rows, keyExtractor, device: like.device)))
        );
        memory = cat([.. rows]).clone().DetachFromDisposeScope();
        OnResume(view);
    }

    /// <inheritdoc />
    public void OnResume(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        using var scope = NewDisposeScope();
        var domains = view.Domains.Labeled.Select(pair => pair.Domain).ToList();
        starts = [.. domains.Select((_, i) => domains.Take(i).Sum(domain => domain.Count))];
        labels?.Dispose();
        var device = head.Module.parameters().First().device;
        labels = cat([.. domains.Select(domain => domain.Labels.to(device))]).clone().DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var mode = EvaluationMode.Of(view.Extractor, view.Predictor, head);
        var next = Means(Read(step)).DetachFromDisposeScope();
        means?.Dispose();
        means = next;
        foreach (var (batch, start) in step.Labeled.Zip(starts))
        {
            var keys = RowLengths.Unit(step.Scores(keyHead, step.Features(keyExtractor, batch)));
            memory!.index_copy_(0, (batch.Rows + start).to(memory.device), keys.to(memory.dtype));
        }
        MovingAverage.Follow(keyExtractor.Module, MovingAverage.Leader(view, "SimMatch").Module, Momentum);
        MovingAverage.Follow(keyPredictor.Module, Predictor(view).Module, Momentum);
        MovingAverage.Follow(keyHead.Module, head.Module, Momentum);
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("memory", ref memory);
        state.Slot("means", ref means);
    }

    private static ITrainable Predictor(TrainingView view) =>
        view.Predictor as ITrainable
        ?? throw new InvalidOperationException(
            $"SimMatch follows a trainable predictor; this one is a {view.Predictor.GetType().Name}."
        );

    // What the teacher makes of the weak view.
    private Tensor Looked(StepContext step) =>
        step.Features(keyExtractor, weak is null ? step.Target : step.View(weak, step.Target));

    private Tensor Read(StepContext step) => step.Scores(keyPredictor, Looked(step)).softmax(1);

    private Tensor Means(Tensor read) => BatchMeans.After(means, read, Window);

    private (Tensor Classes, Tensor Keys) Teacher(StepContext step)
    {
        using var quiet = no_grad();
        var read = Read(step);
        return (BatchMeans.Evened(read, Means(read)), RowLengths.Unit(step.Scores(keyHead, Looked(step))));
    }

    private void Forget()
    {
        memory?.Dispose();
        labels?.Dispose();
        means?.Dispose();
        (memory, labels, means) = (null, null, null);
    }
}
