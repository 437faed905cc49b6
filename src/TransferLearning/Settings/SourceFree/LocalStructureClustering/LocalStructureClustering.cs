using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// G-SFDA: target rows are to be read as their nearest target rows are, by features that the source has left free, so
/// that the source is still read as before.
/// </summary>
/// <remarks>
/// <para>
/// <c>-1/n sum_i sum_k log(p_i . q_k) + sum_c m_c log(m_c + epsilon)</c>: p the probabilities of a row under the
/// target's attention, k its K nearest rows in a memory by the cosine, q their remembered probabilities, m the batch's
/// mean prediction (Yang, Wang, van de Weijer, Herranz and Jui 2021, "Generalized Source-free Domain Adaptation",
/// equations 3 and 4). Gradients that come to the features before the attention, and to the predictor, are multiplied
/// by <c>1 - A_s</c>, the source's mask, feature by feature (equation 8): what the source uses does not move. For a
/// predictor that is not linear that holds to first order; its intercept stays, which the authors' programs let learn.
/// </para>
/// <para>
/// In the authors' program a row's own remembered features stand in the memory while its neighbors are sought, so that
/// one of the K is the row itself; <see cref="LeavesOutItself"/> is the paper's. The memory holds <c>m (d + C)</c>
/// numbers for m target rows, from one pass before the first step, and of a step's own rows as they are in it; where
/// the networks have dropout layers, as they are without them, by a further pass in evaluation mode. It carries no
/// gradient and is checkpointed. Costs <c>b m d</c> a step of b rows. One object serves one training at a time.
/// </para>
/// </remarks>
/// <param name="ofSource">The source's attention; it does not move.</param>
/// <param name="ofTarget">The target's attention, the last link of the target's branch; it does not move.</param>
public sealed class LocalStructureClustering(DomainAttention ofSource, DomainAttention ofTarget)
    : IObjective,
        ITrainingHook
{
    private readonly DomainAttention ofSource = ofSource ?? throw new ArgumentNullException(nameof(ofSource));
    private readonly DomainAttention ofTarget = ofTarget ?? throw new ArgumentNullException(nameof(ofTarget));
    private readonly TargetMemory remembered = new();

    /// <summary>
    /// How many neighbors K, at least 1; fewer where there are fewer rows. Default 2, the authors' for Office-Home; for
    /// VisDA 10.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Neighbors { get; init; } = 2;

    /// <summary>
    /// Whether a row is no neighbor of itself, as the paper has it. Default false, the authors' program.
    /// </summary>
    public bool LeavesOutItself { get; init; }

    /// <summary>What is added inside the second logarithm, not negative. Default 1e-5, the authors'.</summary>
    [OptionRange(AtLeast = 0)]
    public double Epsilon { get; init; } = 1e-5;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [ofSource.AsPart(), ofTarget.AsPart()];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => [.. plan.OfClasses(), .. plan.OneBatchAStep()];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var (own, scores) = Attended(step);
        var seen = remembered.See(step, own, scores);
        using var scope = NewDisposeScope();
        if (remembered is not { Features: { } features, Classes: { } classes })
        {
            // The rehearsal remembers nothing yet: the batch's rows are each other's neighbors.
            var places = arange(own.shape[0], device: own.device);
            return Of(seen.Features, scores, places, seen.Features, seen.Classes).MoveToOuterDisposeScope();
        }
        return Of(seen.Features, scores, step.Target.Rows.to(features.device), features, classes)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The term of a batch.</summary>
    /// <param name="batch">The batch's features <c>[b, d]</c>; taken as constants.</param>
    /// <param name="scores">Its logits <c>[b, C]</c>.</param>
    /// <param name="rows">Its places in the memory, int64 <c>[b]</c>.</param>
    /// <param name="memory">Features of length 1 of all target rows <c>[m, d]</c>, at least 2.</param>
    /// <param name="memoryClasses">Their probabilities <c>[m, C]</c>; taken as constants.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public Tensor Of(Tensor batch, Tensor scores, Tensor rows, Tensor memory, Tensor memoryClasses)
    {
        Guard.Pair(batch, memory);
        Guard.Pair(scores, memoryClasses);
        Guard.Alive(rows);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        Tensor ofNear;
        using (no_grad())
        {
            var closeness = TargetMemory.Unit(batch).matmul(memory.t());
            if (LeavesOutItself)
            {
                var places = rows.to(memory.device).unsqueeze(1);
                closeness.scatter_(
                    1,
                    places,
                    full(places.shape, double.NegativeInfinity, closeness.dtype, closeness.device)
                );
            }
            var most = memory.shape[0] - (LeavesOutItself ? 1 : 0);
            var near = closeness.topk((int)Math.Max(1, Math.Min(Neighbors, most)), 1).indexes;
            ofNear = memoryClasses
                .detach()
                .index_select(0, near.reshape(-1))
                .reshape(near.shape[0], near.shape[1], memoryClasses.shape[1]);
        }
        var p = scores.softmax(1);
        var alike = (ofNear * p.unsqueeze(1)).sum(2).clamp_min(1e-30).log().sum(1).mean();
        var mean = p.mean([0L]);
        var diversity = (mean * (mean + Math.Max(Epsilon, 1e-30)).log()).sum();
        return (diversity - alike).MoveToOuterDisposeScope();
    }

    /// <summary>Features with gradients multiplied by what a mask leaves, entry by entry.</summary>
    /// <param name="features">Features <c>[n, d]</c>.</param>
    /// <param name="used">The mask <c>[d]</c>, between 0 and 1; a constant.</param>
    /// <returns>The same numbers; the caller disposes them.</returns>
    public static Tensor Freed(Tensor features, Tensor used)
    {
        Guard.Alive(features);
        Guard.Alive(used);
        using var scope = NewDisposeScope();
        var constant = features.detach();
        // The difference is exactly 0 forward; only its first half carries a gradient.
        return (constant + ((features - constant) * (1 - used.detach()))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        remembered.Fill(view);
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        remembered.Take(step);
    }

    /// <inheritdoc />
    public void OnEnd() => remembered.Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state) => remembered.Exchange(state);

    // Features behind the target's attention, and scores, with the gradients that the source leaves free.
    private (Tensor Features, Tensor Scores) Attended(StepContext step)
    {
        var before = AttendedCrossEntropy.BeforeAttention(step, step.Target);
        using var scope = NewDisposeScope();
        Tensor used,
            passes;
        using (no_grad())
        {
            (used, passes) = (ofSource.Mask().to(before.dtype), ofTarget.Mask().to(before.dtype));
        }
        var own = Freed(before, used) * passes;
        var scores = FreedScores(step.Predictor, own, used);
        return (own.MoveToOuterDisposeScope(), scores.MoveToOuterDisposeScope());
    }

    // The predictor's scores; its gradient is that of the features times what the mask leaves.
    private static Tensor FreedScores(ILabelPredictor predictor, Tensor own, Tensor used)
    {
        var held = predictor.Predict(own.detach() * used);
        return predictor.Predict(own) - (held - held.detach());
    }
}
