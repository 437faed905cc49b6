using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Training;

/// <summary>
/// One step's batches, and the features, scores and views of them: each computed once, when first asked for, and shared
/// by all objectives.
/// </summary>
/// <remarks>
/// Passes are known by the part and the input tensor, both by reference: a view, a mixed batch, another predictor or a
/// domain's branch is another pass by itself, and each link of an <see cref="ExtractorChain"/> is a part by itself.
/// Tensors that come from here belong to the step and are disposed with it.
/// </remarks>
public sealed class StepContext
{
    private readonly Dictionary<(object Part, object Input, bool Graph), Tensor> passes = new(PairComparer.Instance);
    private readonly Dictionary<(object Owner, object Of, bool), object> memo = new(PairComparer.Instance);
    private readonly RandomKey key;
    private readonly DomainPasses joining;
    private readonly DisposeScope? stepScope = CurrentDisposeScope;
    private readonly Dictionary<Tensor, Tensor> parts = new(ReferenceEqualityComparer.Instance);
    private StepContext? partStep;
    private ITrainingGroup? group;
    private HashSet<object> moved = [];
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
        return partStep is not null && Part(batch) is { } part ? Gathered(partStep.Features(part)) : Layers(batch)[^1];
    }

    /// <summary>
    /// What each link of an <see cref="ExtractorChain"/> makes of a batch, the features last; the features alone where
    /// the extractor is no chain.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <returns>
    /// One tensor a link, of the link's shape <c>[n, ...]</c>; computed once a step with the features.
    /// </returns>
    public IReadOnlyList<Tensor> Layers(IBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (partStep is not null && Part(batch) is { } part)
        {
            return [.. partStep.Layers(part).Select(Gathered)];
        }
        return joining == DomainPasses.Joined && TryJoined(batch, out var layers)
            ? layers
            : Through(Extractor.For(batch.Domain), batch.Inputs);
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
        return Pass(predictor, features, predictor.Predict);
    }

    /// <summary>A critic's logits for some features, flattened to <c>[n]</c>.</summary>
    /// <exception cref="ArgumentException">The critic does not give one logit a row.</exception>
    public Tensor Judgment(IDomainCritic critic, Tensor features)
    {
        ArgumentNullException.ThrowIfNull(critic);
        return Pass(critic, features, input => Verdict.Of(critic, input));
    }

    /// <summary>A patch critic's logits for some images, in the critic's own shape <c>[n, ...]</c>.</summary>
    /// <exception cref="ArgumentException">The critic does not give logits for each image.</exception>
    public Tensor PatchJudgment(IPatchCritic critic, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(critic);
        return Pass(critic, images, input => Verdict.Of(critic, input));
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
                return new UnlabeledBatch(OfStep(view.Apply(batch.Inputs, NextKey())), batch.Domain, batch.Rows);
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
                return OfStep(weights.Weigh(this, batch).detach());
            }
        );
    }

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
        if (!memo.TryGetValue((owner, of, false), out var value))
        {
            memo[(owner, of, false)] = value = compute();
        }
        return (T)value;
    }

    /// <summary>Fresh randomness; the same sequence at the same step of every run with the same seed.</summary>
    public RandomKey NextKey() => key.Child(draws++);

    /// <summary>Adds the step of all processes' rows; this one is of this process's part of each batch.</summary>
    internal StepContext WithWhole(StepBatch whole, RandomKey key, ITrainingGroup group)
    {
        Whole = new StepContext(whole, Extractor, Predictor, Progress, key, joining) { partStep = this, group = group };
        return this;
    }

    /// <summary>A phase begins: passes of the parts that it moves are stale, they need a graph now.</summary>
    internal void Enter(HashSet<object> movedParts)
    {
        moved = movedParts;
        DropStale();
        if (Whole != this)
        {
            Whole.Enter(movedParts);
        }
    }

    /// <summary>A phase has stepped: its graphs are freed and the parts that it moved are not what they were.</summary>
    /// <remarks>Passes of frozen parts over plain inputs have no graph; they live on over repeats and phases.</remarks>
    internal void Leave()
    {
        DropStale();
        if (Whole != this)
        {
            Whole.Leave();
        }
    }

    private Tensor Pass(object part, Tensor input, Func<Tensor, Tensor> compute)
    {
        var wantsGraph = is_grad_enabled();
        if (passes.TryGetValue((part, input, wantsGraph), out var known))
        {
            return known;
        }
        if (!wantsGraph && passes.TryGetValue((part, input, true), out var graph))
        {
            return passes[(part, input, false)] = OfStep(graph.detach());
        }
        return passes[(part, input, wantsGraph)] = OfStep(compute(input));
    }

    // The pass of a whole batch: each process passes its part.
    private Tensor Last(IFeatureExtractor branch, Tensor inputs) =>
        partStep is not null && Part(inputs) is { } part
            ? Gathered(partStep.Through(branch, part)[^1])
            : Through(branch, inputs)[^1];

    // This process's part of a batch. Null where every process passes all rows: where they cannot be shared evenly, and
    // where they carry a graph, whose gradient the parts of others would miss.
    private IBatch? Part(IBatch batch)
    {
        var known = Batch
            .All.Zip(partStep!.Batch.All)
            .FirstOrDefault(pair => ReferenceEquals(pair.First, batch))
            .Second;
        return known
            ?? (Part(batch.Inputs) is { } inputs ? new UnlabeledBatch(inputs, batch.Domain, batch.Rows) : null);
    }

    private Tensor? Part(Tensor inputs)
    {
        if (inputs.requires_grad)
        {
            return null;
        }
        if (parts.TryGetValue(inputs, out var part))
        {
            return part;
        }
        var (rows, left) = Math.DivRem(inputs.shape[0], group!.Size);
        if (left != 0 || rows == 0)
        {
            return null;
        }
        var known = Batch
            .All.Zip(partStep!.Batch.All)
            .FirstOrDefault(pair => ReferenceEquals(pair.First.Inputs, inputs));
        return parts[inputs] = known.Second?.Inputs ?? OfStep(inputs.narrow(0, rows * group.Rank, rows));
    }

    // The rows of all processes. Gradients of the own ones count as often as there are processes, because each of them
    // passes its own rows alone and the gradients of parameters are averaged afterwards.
    private Tensor Gathered(Tensor rows) =>
        Pass(
            group!,
            rows,
            input =>
            {
                using var scope = NewDisposeScope();
                var all = group!.Gather(input);
                if (!input.requires_grad)
                {
                    return all.MoveToOuterDisposeScope();
                }
                var pieces = all.split(input.shape[0]);
                pieces[group.Rank] = ReversedGradient.Of(input, -group.Size);
                return cat(pieces).MoveToOuterDisposeScope();
            }
        );

    private Tensor[] Through(IFeatureExtractor branch, Tensor inputs)
    {
        var links = branch is ExtractorChain { Inner.Count: > 0 } chain
            ? [.. chain.Inner.Cast<IFeatureExtractor>()]
            : new[] { branch };
        var outputs = new Tensor[links.Length];
        for (var i = 0; i < links.Length; i++)
        {
            outputs[i] = Pass(links[i], inputs, links[i].Extract);
            // Without gradients a pass with them, where there is one, is still what the next link's is known by.
            inputs = passes.TryGetValue((links[i], inputs, true), out var graph) ? graph : outputs[i];
        }
        return outputs;
    }

    private bool TryJoined(IBatch batch, out Tensor[] layers)
    {
        layers = [];
        var all = Batch.All.ToList();
        var branch = Extractor.For(batch.Domain);
        if (!all.Contains(batch) || all.Exists(other => !ReferenceEquals(Extractor.For(other.Domain), branch)))
        {
            return false;
        }
        var joined = Once(this, Batch, () => OfStep(cat([.. all.Select(one => one.Inputs)])));
        layers = [.. Through(branch, joined).Select(output => Piece(output, batch, all))];
        return true;
    }

    private Tensor Piece(Tensor output, IBatch batch, List<IBatch> all)
    {
        var wantsGraph = is_grad_enabled();
        if (!passes.TryGetValue((output, batch, wantsGraph), out var piece))
        {
            // One split, not a slice each: its gradient is put together once.
            var pieces = output.split([.. all.Select(one => one.Inputs.shape[0])]);
            for (var i = 0; i < pieces.Length; i++)
            {
                passes[(output, all[i], wantsGraph)] = OfStep(pieces[i]);
            }
            piece = passes[(output, batch, wantsGraph)];
        }
        return piece;
    }

    // Whoever asks first may do so inside a scope of its own: what is remembered must outlive it. A tensor that is in
    // the step's scope already stays as it is: moved once more, TorchSharp would drop it from the scope's list.
    private Tensor OfStep(Tensor tensor)
    {
        if (stepScope is null)
        {
            return tensor.DetachFromDisposeScope();
        }
        return stepScope.Contains(tensor) ? tensor : tensor.MoveToOtherDisposeScope(stepScope);
    }

    private void DropStale()
    {
        foreach (var (entry, output) in passes)
        {
            if (output.requires_grad || moved.Contains(entry.Part))
            {
                passes.Remove(entry);
            }
        }
    }

    private sealed class PairComparer : IEqualityComparer<(object A, object B, bool C)>
    {
        public static readonly PairComparer Instance = new();

        public bool Equals((object A, object B, bool C) x, (object A, object B, bool C) y) =>
            ReferenceEquals(x.A, y.A) && ReferenceEquals(x.B, y.B) && x.C == y.C;

        public int GetHashCode((object A, object B, bool C) pair) =>
            HashCode.Combine(
                System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(pair.A),
                System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(pair.B),
                pair.C
            );
    }
}
