using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// NRC: a target row is to be read as its nearest target rows are, most of all as those that have it among their own
/// nearest; no source row is needed.
/// </summary>
/// <remarks>
/// <para>
/// <c>-1/n sum_i (sum_k a_ik p_k . p_i + r sum_k sum_m p_m . p_i) + sum_c q_c log(q_c + epsilon)</c>: p probabilities,
/// k the K nearest rows of i by the cosine, a = 1 for those of which i is among the M nearest and r = 0.1 for the
/// others, m the M nearest rows of each k, q the batch's mean prediction (Yang, Wang, van de Weijer, Herranz and Jui
/// 2021, "Exploiting the Intrinsic Neighborhood Structure for Source-free Domain Adaptation", equations 2 to 8). As in
/// the authors' programs, a row may be among the neighbors of its neighbors, which stands for the paper's
/// self-regularization. K and M are those of the program for VisDA, a those of the paper and of the program for
/// Office-Home; in the one for VisDA all neighbors count 0.1.
/// </para>
/// <para>
/// Features of length 1 and probabilities of all target rows are remembered, <c>m (d + C)</c> numbers: from one pass
/// before the first step, and a step's own rows as they are in it; where the networks have dropout layers, as they are
/// without them, by a further pass in evaluation mode. They carry no gradient and are checkpointed. Costs
/// <c>b (K + 1) m d</c> a step for b of m target rows; of the cosines it holds those of a run of rows at a time, some 4
/// MiB or 64 rows to all m. One object serves one training at a time.
/// </para>
/// </remarks>
public sealed class NeighborhoodReciprocity : IObjective, ITrainingHook
{
    private readonly TargetMemory remembered = new();

    /// <summary>How many neighbors K, at least 1; fewer where there are fewer rows. Default 5, for VisDA.</summary>
    [OptionRange(AtLeast = 1)]
    public int Neighbors { get; init; } = 5;

    /// <summary>How many neighbors M of each neighbor, at least 1. Default 5, for VisDA.</summary>
    [OptionRange(AtLeast = 1)]
    public int Expanded { get; init; } = 5;

    /// <summary>The weight r of what is no mutual neighbor, not negative. Default 0.1, the authors'.</summary>
    [OptionRange(AtLeast = 0)]
    public double Affinity { get; init; } = 0.1;

    /// <summary>What is added inside the logarithm, not negative. Default 1e-5, the authors'.</summary>
    [OptionRange(AtLeast = 0)]
    public double Epsilon { get; init; } = 1e-5;

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => [.. plan.OfClasses(), .. plan.OneBatchAStep()];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var scores = step.Scores(step.Target);
        var seen = remembered.See(step, step.Features(step.Target), scores);
        using var scope = NewDisposeScope();
        if (remembered is not { Features: { } features, Classes: { } classes })
        {
            // The rehearsal remembers nothing yet: the batch's rows are each other's neighbors.
            var places = arange(scores.shape[0], device: scores.device);
            return Of(seen.Features, scores, places, seen.Features, seen.Classes).MoveToOuterDisposeScope();
        }
        var rows = step.Target.Rows.to(features.device);
        // A step's own rows stand in the memories as they are in it while the term is computed: copies of all rows
        // would be as large as the memories.
        var (featuresBefore, classesBefore) = (features.index_select(0, rows), classes.index_select(0, rows));
        try
        {
            features.index_copy_(0, rows, seen.Features.to(features.dtype));
            classes.index_copy_(0, rows, seen.Classes.to(classes.dtype));
            return Of(seen.Features, scores, rows, features, classes).MoveToOuterDisposeScope();
        }
        finally
        {
            features.index_copy_(0, rows, featuresBefore);
            classes.index_copy_(0, rows, classesBefore);
        }
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
        Tensor wanted;
        using (no_grad())
        {
            var places = rows.to(memory.device);
            var near = Nearest(TargetMemory.Unit(batch), places, memory, Neighbors);
            var (b, k) = (near.shape[0], near.shape[1]);
            var flat = near.reshape(-1);
            var beyond = Nearest(memory.index_select(0, flat), flat, memory, Expanded).reshape(b, k, -1);
            var isMutual = beyond.eq(places.reshape(-1, 1, 1)).any(2).to(scores.dtype);
            var affinity = isMutual + ((1 - isMutual) * Affinity);
            var ofNear = memoryClasses.index_select(0, flat).reshape(b, k, -1);
            var ofBeyond = memoryClasses.index_select(0, beyond.reshape(-1)).reshape(b, -1, scores.shape[1]);
            wanted = (ofNear * affinity.unsqueeze(2)).sum([1L]) + (ofBeyond.sum([1L]) * Affinity);
        }
        var p = scores.softmax(1);
        var mean = p.mean([0L]);
        var diversity = (mean * (mean + Math.Max(Epsilon, 1e-30)).log()).sum();
        return (diversity - (wanted * p).sum(1).mean()).MoveToOuterDisposeScope();
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

    // The places of the rows nearest to some, themselves left out.
    private static Tensor Nearest(Tensor unit, Tensor places, Tensor memory, int count)
    {
        var most = (int)Math.Max(1, Math.Min(count, memory.shape[0] - 1));
        var found = new List<Tensor>();
        foreach (var (start, rows) in RowBlocks.Of(unit.shape[0], memory.shape[0]))
        {
            Canceling.Check();
            using var block = NewDisposeScope();
            var closeness = unit.narrow(0, start, rows).matmul(memory.t());
            closeness.scatter_(
                1,
                places.narrow(0, start, rows).unsqueeze(1),
                full([rows, 1], double.NegativeInfinity, closeness.dtype, closeness.device)
            );
            found.Add(closeness.topk(most, 1).indexes.MoveToOuterDisposeScope());
        }
        return found.Count == 1 ? found[0] : cat([.. found]);
    }
}
