using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// One step's batches, and the features, scores and views of them: each computed once, when first asked for, and shared
/// by all objectives.
/// </summary>
/// <remarks>
/// Passes are known by the part and the input tensor, both by reference: a view, a mixed batch, another predictor or a
/// domain's branch is another pass by itself, and each link of an <see cref="ExtractorChain"/> is a part by itself. The
/// layers of a <see cref="TappedExtractor"/> come from one pass.
/// Tensors that come from here belong to the step and are disposed with it.
/// </remarks>
public sealed class StepContext
{
    private readonly StepPasses passes = new();
    private readonly RandomKey key;
    private readonly DomainPasses joining;
    private GatheredPasses? gathered;
    private long draws;

    internal StepContext(
        StepBatch batch,
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        double progress,
        RandomKey key,
        DomainPasses joining = DomainPasses.Apart
    )
    {
        (Batch, Extractor, Predictor, Progress) = (batch, extractor, predictor, progress);
        (this.key, this.joining) = (key, joining);
        Whole = this;
    }

    /// <summary>A context outside a training loop, for trying an objective on some batches.</summary>
    /// <param name="batch">The batches.</param>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The predictor.</param>
    /// <param name="progress">The share of training that is done, from 0 to 1.</param>
    /// <param name="seed">The seed of the step's random draws.</param>
    public static StepContext For(
        StepBatch batch,
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        double progress = 0,
        long seed = 0
    ) => new(batch, extractor, predictor, progress, new RandomKey(seed));

    /// <summary>The step's batches, after all transforms.</summary>
    public StepBatch Batch { get; }

    /// <summary>
    /// Where several processes share the step, the step of all their rows; this one itself where a process is alone or
    /// nobody asks for them.
    /// </summary>
    internal StepContext Whole { get; private set; }

    /// <summary>One labeled batch a source.</summary>
    /// <exception cref="InvalidOperationException">
    /// The fit has no source (<see cref="AdaptationBuilder.FitSourceFree"/>).
    /// </exception>
    public IReadOnlyList<LabeledBatch> Sources =>
        Batch.Sources.Count > 0
            ? Batch.Sources
            : throw new InvalidOperationException(
                "asks for source rows, and this fit has none: take objectives of the target alone, or fit with a "
                    + "source."
            );

    /// <summary>The target's batch. It has no labels.</summary>
    /// <exception cref="InvalidOperationException">
    /// The fit has no target (<see cref="AdaptationBuilder.FitWithoutTarget"/>).
    /// </exception>
    public UnlabeledBatch Target =>
        Batch.Target
        ?? throw new InvalidOperationException(
            "asks for target rows, and this fit has none: take objectives of the sources alone, or fit with a "
                + "target."
        );

    /// <summary>
    /// Every labeled batch: the sources', then that of the labeled target examples where the run has them.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The fit has neither a source nor labeled target examples.
    /// </exception>
    public IEnumerable<LabeledBatch> Labeled => Batch.LabeledTarget is null ? Sources : Batch.Labeled;

    /// <summary>The extractor being trained.</summary>
    public IFeatureExtractor Extractor { get; }

    /// <summary>The predictor being trained.</summary>
    public ILabelPredictor Predictor { get; }

    /// <summary>The share of training that is done, from 0 to 1.</summary>
    public double Progress { get; }

    /// <summary>The features <c>[n, d]</c> of a batch by the extractor's branch for its domain.</summary>
    public Tensor Features(IBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return gathered?.Part(batch) is { } part ? gathered.Gathered(gathered.Own.Features(part)) : Layers(batch)[^1];
    }

    /// <summary>
    /// What each link of an <see cref="ExtractorChain"/> or tapped layer of a <see cref="TappedExtractor"/> makes of a
    /// batch, the features last; the features alone where the extractor is neither.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <returns>
    /// One tensor a link, of the link's shape <c>[n, ...]</c>; computed once a step with the features.
    /// </returns>
    public IReadOnlyList<Tensor> Layers(IBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (gathered?.Part(batch) is { } part)
        {
            return [.. gathered.Own.Layers(part).Select(gathered.Gathered)];
        }
        return joining == DomainPasses.Joined && TryJoined(batch, out var layers)
            ? layers
            : passes.Through(Extractor.For(batch.Domain), batch.Inputs);
    }

    /// <summary>
    /// What the links or tapped layers of another extractor make of a batch, its features last: of a teacher, of the
    /// network as it was.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="batch">The batch.</param>
    /// <returns>One tensor a link or layer, <c>[n, ...]</c>; computed once a step with the features.</returns>
    public IReadOnlyList<Tensor> Layers(IFeatureExtractor extractor, IBatch batch)
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(batch);
        var branch = extractor.For(batch.Domain);
        return gathered?.Part(batch.Inputs) is { } part
            ? [.. gathered.Own.passes.Through(branch, part).Select(gathered.Gathered)]
            : passes.Through(branch, batch.Inputs);
    }

    /// <summary>The features of a batch by another extractor: a teacher, a frozen column.</summary>
    public Tensor Features(IFeatureExtractor extractor, IBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return Last(extractor.For(batch.Domain), batch.Inputs);
    }

    /// <summary>What an extractor makes of some inputs: a generator of the images that another one has made.</summary>
    /// <param name="extractor">The extractor, or a domain's branch of it.</param>
    /// <param name="inputs">Inputs <c>[n, ...]</c>.</param>
    public Tensor Features(IFeatureExtractor extractor, Tensor inputs)
    {
        ArgumentNullException.ThrowIfNull(extractor);
        return Last(extractor, Guard.Alive(inputs));
    }

    /// <summary>The predictor's scores <c>[n, classes]</c> for a batch.</summary>
    public Tensor Scores(IBatch batch) => Scores(Predictor, Features(batch));

    /// <summary>A predictor's scores for some features.</summary>
    public Tensor Scores(ILabelPredictor predictor, Tensor features)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        return passes.Pass(predictor, features, predictor.Predict);
    }

    /// <summary>A critic's logits for some features, flattened to <c>[n]</c>.</summary>
    /// <exception cref="ArgumentException">The critic does not give one logit a row.</exception>
    public Tensor Judgment(IDomainCritic critic, Tensor features)
    {
        ArgumentNullException.ThrowIfNull(critic);
        return passes.Pass(critic, features, input => Verdict.Of(critic, input));
    }

    /// <summary>A patch critic's logits for some images, in the critic's own shape <c>[n, ...]</c>.</summary>
    /// <exception cref="ArgumentException">The critic does not give logits for each image.</exception>
    public Tensor PatchJudgment(IPatchCritic critic, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(critic);
        return passes.Pass(critic, images, input => Verdict.Of(critic, input));
    }

    /// <summary>The features of all sources in one tensor, in the order of <see cref="Sources"/>.</summary>
    public Tensor SourceFeatures() => Sources.Count == 1 ? Features(Sources[0]) : cat([.. Sources.Select(Features)]);

    /// <summary>
    /// The example weights of all source rows <c>[n]</c>, in the order of <see cref="SourceFeatures"/>; null where all
    /// weigh alike.
    /// </summary>
    /// <param name="further">Step-dependent weights to multiply by, or null.</param>
    public Tensor? SourceWeights(IRowWeights? further = null)
    {
        if (further is null && Sources.All(batch => batch.Weights is null))
        {
            return null;
        }
        var all = Sources.Select(batch =>
        {
            var own = batch.Weights ?? ones(batch.Inputs.shape[0], device: batch.Inputs.device);
            return further is null ? own : own * Weights(further, batch);
        });
        return cat([.. all]);
    }

    /// <summary>A view of a batch; the same view of the same batch is computed once a step.</summary>
    public UnlabeledBatch View(IAugmentation view, IBatch batch)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(batch);
        return Once(
            view,
            batch,
            () =>
            {
                using var quiet = no_grad();
                var inputs = passes.OfStep(view.Apply(batch.Inputs, NextKey()));
                return batch is UnlabeledBatch rows
                    ? rows.With(inputs)
                    : new UnlabeledBatch(inputs, batch.Domain, batch.Rows);
            }
        );
    }

    /// <summary>Step-dependent row weights <c>[n]</c> of a batch, computed once a step and without gradient.</summary>
    public Tensor Weights(IRowWeights weights, LabeledBatch batch)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(batch);
        return Once(
            weights,
            batch,
            () =>
            {
                using var quiet = no_grad();
                return passes.OfStep(weights.Weigh(this, batch).detach());
            }
        );
    }

    /// <summary>A batch's example weights times step-dependent ones; null where there are neither.</summary>
    internal Tensor? RowWeights(IRowWeights? further, LabeledBatch batch) =>
        further is null ? batch.Weights
        : batch.Weights is { } own ? own * Weights(further, batch)
        : Weights(further, batch);

    /// <summary>Computes something once a step.</summary>
    /// <param name="owner">Who asks, known by reference.</param>
    /// <param name="of">What it is computed from, known by reference.</param>
    /// <param name="compute">
    /// The computation; what it computes must carry no gradient and must not be left to an inner dispose scope.
    /// </param>
    public T Once<T>(object owner, object of, Func<T> compute)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(compute);
        return passes.Once(owner, of, compute);
    }

    /// <summary>Fresh randomness; the same sequence at the same step of every run with the same seed.</summary>
    public RandomKey NextKey() => key.Child(draws++);

    /// <summary>Adds the step of all processes' rows; this one is of this process's part of each batch.</summary>
    internal StepContext WithWhole(StepBatch whole, RandomKey key, ITrainingGroup group)
    {
        Whole = new StepContext(whole, Extractor, Predictor, Progress, key, joining);
        Whole.gathered = new GatheredPasses(this, whole, group, Whole.passes);
        return this;
    }

    /// <summary>A phase begins: passes of the parts that it moves are stale, they need a graph now.</summary>
    internal void Enter(HashSet<object> movedParts)
    {
        passes.Enter(movedParts);
        if (Whole != this)
        {
            Whole.Enter(movedParts);
        }
    }

    /// <summary>A phase has stepped: its graphs are freed and the parts that it moved are not what they were.</summary>
    /// <remarks>Passes of frozen parts over plain inputs have no graph; they live on over repeats and phases.</remarks>
    internal void Leave()
    {
        passes.DropStale();
        if (Whole != this)
        {
            Whole.Leave();
        }
    }

    // The pass of a whole batch: each process passes its part.
    private Tensor Last(IFeatureExtractor branch, Tensor inputs) =>
        gathered?.Part(inputs) is { } part
            ? gathered.Gathered(gathered.Own.passes.Through(branch, part)[^1])
            : passes.Through(branch, inputs)[^1];

    private bool TryJoined(IBatch batch, out Tensor[] layers)
    {
        layers = [];
        var all = Batch.All.ToList();
        var branch = Extractor.For(batch.Domain);
        if (!all.Contains(batch) || all.Exists(other => !ReferenceEquals(Extractor.For(other.Domain), branch)))
        {
            return false;
        }
        var joined = Once(this, Batch, () => passes.OfStep(cat([.. all.Select(one => one.Inputs)])));
        layers = [.. passes.Through(branch, joined).Select(output => passes.Piece(output, batch, all))];
        return true;
    }
}
