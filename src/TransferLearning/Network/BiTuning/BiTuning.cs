using TorchSharp.Modules;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// Bi-tuning: beside cross-entropy, labeled rows are contrasted with remembered rows of all classes, once by
/// projections and once by the classifier's own weights.
/// </summary>
/// <remarks>
/// <para>
/// Projections: <c>L_z = 1/n sum_i KL(1/(K+1) on i's own key and its class's K remembered keys || softmax of q_i . k /
/// T over its own key and all remembered ones)</c>. Classifier: <c>L_y</c> alike with the features h, a 1 appended and
/// of length 1, and the anchor <c>w_y</c>, the weights of the row's class, the intercept appended and of length 1:
/// <c>h_i . w_{y_i}</c> against the remembered features of all classes by <c>w_{y_i}</c> (Zhong, Wang, Kou, Wang and
/// Long 2020, "Bi-tuning of Pre-trained Representations", equations 3 and 6). Keys and remembered rows come from moving
/// averages of extractor and projector, as in MoCo. As in the authors' program the memory of L_z is that before the
/// step and that of L_y after it, and the anchors are constants. The value is <c>L_z + L_y</c>.
/// </para>
/// <para>
/// The label predictor must be a linear layer. The labeled batches of a step are taken together; rows with example
/// weights are refused. Memories and averages are checkpointed; one object serves one training at a time.
/// <c>net.Main.Move(projector)</c> lets the projector learn; the recipe does.
/// </para>
/// </remarks>
/// <param name="projector">Features <c>[n, d]</c> to projections <c>[n, D]</c>.</param>
/// <param name="keyExtractor">The average of the extractor: <c>extractor.Replica()</c>. The caller disposes it.</param>
/// <param name="keyProjector">The average of the projector, likewise.</param>
/// <param name="first">How the network looks at rows, or null for the rows themselves.</param>
/// <param name="second">How the averages look at rows, or null for the rows themselves.</param>
public sealed class BiTuning(
    ModulePart projector,
    ModulePart keyExtractor,
    ModulePart keyProjector,
    IAugmentation? first = null,
    IAugmentation? second = null
) : IObjective, ITrainingHook
{
    private readonly ModulePart projector = projector ?? throw new ArgumentNullException(nameof(projector));
    private readonly ModulePart keyExtractor = keyExtractor ?? throw new ArgumentNullException(nameof(keyExtractor));
    private readonly ModulePart keyProjector = keyProjector ?? throw new ArgumentNullException(nameof(keyProjector));
    private Tensor? projections; // [C, K, D]
    private Tensor? features; // [C, K, d + 1]
    private Tensor? places; // [C]

    /// <summary>How many rows K of each class are remembered, at least 1. Default 40, the authors'.</summary>
    [OptionRange(AtLeast = 1)]
    public int Keys { get; init; } = 40;

    /// <summary>The temperature T, positive. Default 0.07.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 0.07;

    /// <summary>The share of the averages that a step keeps, from 0 to below 1. Default 0.999.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Momentum { get; init; } = 0.999;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts =>
        new IPart?[] { projector, keyExtractor, keyProjector, first, second }.OfType<IPart>();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        if (step.Labeled.Any(batch => batch.Weights is not null))
        {
            throw new ArgumentException(
                "bi-tuning cannot weigh rows, and they have example weights: take the weights away, or the term.",
                nameof(step)
            );
        }
        var own = step.Labeled.Select(batch => step.Features(Seen(step, first, batch))).ToList();
        var queries = Unit(cat([.. own.Select(rows => step.Scores(projector, rows))]));
        if (projections is null)
        {
            return queries.sum() * 0; // the rehearsal: no memory yet
        }
        var (keys, ofFeatures, labels) = Remembered(step);
        var (anchors, h) = (Anchors(step.Predictor), WithOne(cat([.. own])));
        Tensor after;
        using (no_grad())
        {
            (after, _) = ClassMemory.Enqueued(features!, places!, ofFeatures, labels);
        }
        return OfProjections(queries, keys, projections.to(queries.dtype), labels, Temperature)
            + OfClassifier(h, anchors.to(h.dtype), after.to(h.dtype), labels, Temperature);
    }

    /// <summary>The contrast of projections, L_z.</summary>
    /// <param name="queries">Projections q of length 1 <c>[n, D]</c>.</param>
    /// <param name="keys">Keys k of the same rows, of length 1 <c>[n, D]</c>; taken as constants.</param>
    /// <param name="memory">Keys of each class <c>[C, K, D]</c>; taken as constants.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <returns>A scalar, differentiable in the queries; the caller disposes it.</returns>
    public static Tensor OfProjections(
        Tensor queries,
        Tensor keys,
        Tensor memory,
        Tensor labels,
        double temperature = 0.07
    )
    {
        Guard.Pair(queries, keys);
        Guard.Alive(memory);
        Guard.Alive(labels);
        Guard.Positive(temperature);
        ClassMemory.Check(keys, memory, labels);
        using var scope = NewDisposeScope();
        var own = (queries * keys.detach()).sum(1, keepdim: true) / temperature;
        var others = queries.matmul(memory.detach().reshape(-1, memory.shape[2]).t()) / temperature;
        return ClassMemory.Contrast(own, others, labels, memory.shape[1]).MoveToOuterDisposeScope();
    }

    /// <summary>The contrast of features by the classifier's weights, L_y.</summary>
    /// <param name="features">Features h with a 1 appended, of length 1 <c>[n, d + 1]</c>.</param>
    /// <param name="anchors">
    /// The classifier's weights with the intercept appended, of length 1 <c>[C, d + 1]</c>; taken as constants.
    /// </param>
    /// <param name="memory">Such features of each class <c>[C, K, d + 1]</c>; taken as constants.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <returns>A scalar, differentiable in the features; the caller disposes it.</returns>
    public static Tensor OfClassifier(
        Tensor features,
        Tensor anchors,
        Tensor memory,
        Tensor labels,
        double temperature = 0.07
    )
    {
        Guard.Pair(features, anchors);
        Guard.Alive(memory);
        Guard.Alive(labels);
        Guard.Positive(temperature);
        ClassMemory.Check(features, memory, labels);
        using var scope = NewDisposeScope();
        var mine = anchors.detach().index_select(0, labels);
        var own = (features * mine).sum(1, keepdim: true) / temperature;
        var others = mine.matmul(memory.detach().reshape(-1, memory.shape[2]).t()) / temperature;
        return ClassMemory.Contrast(own, others, labels, memory.shape[1]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Guard.Options(this);
        Forget();
        keyExtractor.CopyFrom(MovingAverage.Leader(view, "bi-tuning"));
        keyProjector.CopyFrom(projector);
        using var scope = NewDisposeScope();
        var like = projector.Module.parameters().First();
        var row = Data.BatchedPass.Read(view.Domains.SampleRows, 0, 1).to(like.device);
        var own = view.Extractor.For(DomainId.Target).Extract(row);
        var classes = view.Domains.Space.Width;
        using var generator = view.Key.Generator();
        Tensor Drawn(long width)
        {
            var drawn = randn([classes, Keys, width], dtype: like.dtype, generator: generator);
            return (drawn / drawn.norm(2, keepdim: true)).to(like.device).DetachFromDisposeScope();
        }
        projections = Drawn(projector.Predict(own).shape[1]);
        features = Drawn(own.shape[1] + 1);
        places = zeros(classes, int64, like.device).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        using var mode = EvaluationMode.Of(view.Extractor, view.Predictor, projector);
        var (keys, ofFeatures, labels) = Remembered(step);
        var (ofProjections, after) = ClassMemory.Enqueued(projections!, places!, keys, labels);
        var (next, _) = ClassMemory.Enqueued(features!, places!, ofFeatures, labels);
        (projections, features, places) = (
            Replaced(projections, ofProjections),
            Replaced(features, next),
            Replaced(places, after)
        );
        MovingAverage.Follow(keyExtractor.Module, MovingAverage.Leader(view, "bi-tuning").Module, Momentum);
        MovingAverage.Follow(keyProjector.Module, projector.Module, Momentum);
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("projections", ref projections);
        state.Slot("features", ref features);
        state.Slot("places", ref places);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return [.. plan.OfClasses(), .. plan.OneBatchAStep()];
    }

    // The rows of the classifier's weights with their intercepts, of length 1, constants.
    private static Tensor Anchors(ILabelPredictor predictor)
    {
        if (predictor is not ITrainable { Module: Linear layer })
        {
            throw new InvalidOperationException(
                "bi-tuning reads the classifier's weights: the label predictor must be a linear "
                    + "layer, nn.Linear(...).AsPart()."
            );
        }
        var intercepts = layer.bias ?? zeros_like(layer.weight!.select(1, 0));
        return Unit(cat([layer.weight!.detach(), intercepts.detach().unsqueeze(1)], 1));
    }

    private static Tensor WithOne(Tensor rows) => Unit(cat([rows, ones_like(rows.narrow(1, 0, 1))], 1));

    private static Tensor Unit(Tensor rows) => rows / rows.norm(1, keepdim: true).clamp_min(1e-12);

    private static IBatch Seen(StepContext step, IAugmentation? view, IBatch batch) =>
        view is null ? batch : step.View(view, batch);

    private static Tensor Replaced(Tensor? old, Tensor next)
    {
        old?.Dispose();
        return next.DetachFromDisposeScope();
    }

    // As they were when the step was taken: passes that carry no gradient are remembered.
    private (Tensor Keys, Tensor Features, Tensor Labels) Remembered(StepContext step)
    {
        using var quiet = no_grad();
        var rows = step.Labeled.Select(batch => step.Features(keyExtractor, Seen(step, second, batch))).ToList();
        return (
            Unit(cat([.. rows.Select(own => step.Scores(keyProjector, own))])),
            WithOne(cat([.. rows])),
            cat([.. step.Labeled.Select(batch => batch.Labels)])
        );
    }

    private void Forget()
    {
        projections?.Dispose();
        features?.Dispose();
        places?.Dispose();
        (projections, features, places) = (null, null, null);
    }
}
