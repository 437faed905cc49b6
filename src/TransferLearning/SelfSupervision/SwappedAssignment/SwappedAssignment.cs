using TorchSharp.Modules;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfSupervision;

/// <summary>
/// SwAV: one view of a row must tell to which learned prototypes another view of it was assigned, where the assignments
/// of a batch use all prototypes alike.
/// </summary>
/// <remarks>
/// <para>
/// <c>1/2 sum_{s,t} mean_i -sum_k q_t(i, k) log softmax(z_s(i) . c_k / T)</c> over both orders of the two views, z
/// projections and c prototypes of length 1 (Caron, Misra, Mairal, Goyal, Bojanowski and Joulin 2020, "Unsupervised
/// Learning of Visual Features by Contrasting Cluster Assignments", equation 2). The codes q_t are
/// <c>n diag(u) exp(z_t . c / epsilon) diag(v)</c> with as much of every prototype and 1 of every row, by
/// <see cref="Iterations"/> rounds of Sinkhorn's and Knopp's, without gradient. Further views
/// (<see cref="Crops"/>) tell the codes and have none.
/// </para>
/// <para>
/// As in the authors' program the prototypes are given length 1 after each step, are held at first
/// (<see cref="HeldShare"/>), and a queue of projections of earlier rows can stand beside a batch that is smaller than
/// the number of prototypes (<see cref="Queue"/>). The queue is checkpointed; one object serves one training at a time.
/// </para>
/// </remarks>
public sealed class SwappedAssignment : ISelfSupervision, ITrainingHook
{
    private readonly ILabelPredictor head;
    private readonly ModulePart prototypes;
    private readonly IAugmentation first;
    private readonly IAugmentation second;
    private Tensor? queue; // [2, m, k], the oldest projections of both views first

    /// <summary>Assignments to some prototypes.</summary>
    /// <param name="head">
    /// Projects features <c>[n, d]</c> to <c>[n, k]</c>; the authors take two layers and 128 outputs.
    /// </param>
    /// <param name="prototypes">
    /// The prototypes: a linear layer of k inputs and K outputs without bias; the authors have 3,000 for 1,000 classes.
    /// </param>
    /// <param name="first">How a row is looked at.</param>
    /// <param name="second">How it is looked at a second time; null for the same, drawn anew.</param>
    /// <exception cref="ArgumentException">The prototypes are no such layer.</exception>
    public SwappedAssignment(
        ILabelPredictor head,
        ModulePart prototypes,
        IAugmentation first,
        IAugmentation? second = null
    )
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(prototypes);
        if (prototypes.Module is not Linear { bias: null })
        {
            throw new ArgumentException(
                "prototypes must be a linear layer without bias, nn.Linear(k, K, hasBias: false); got a "
                    + $"{prototypes.Module.GetName()}{(prototypes.Module is Linear ? " with bias" : "")}.",
                nameof(prototypes)
            );
        }
        (this.head, this.prototypes) = (head, prototypes);
        (this.first, this.second) = AnotherLook.Two(first, second);
    }

    /// <summary>Whose rows are looked at. Default all.</summary>
    public ViewedDomains Domains { get; init; }

    /// <summary>Further views, smaller crops for instance, that tell the codes of the two. Default none.</summary>
    public IReadOnlyList<IAugmentation> Crops { get; init; } = [];

    /// <summary>The temperature T, positive. Default 0.1, the authors'.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 0.1;

    /// <summary>
    /// How soft the codes are, positive: they are all alike where it is large. Default 0.05, the authors'.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Epsilon { get; init; } = 0.05;

    /// <summary>The rounds of Sinkhorn's and Knopp's, at least 1. Default 3, the authors'.</summary>
    [OptionRange(AtLeast = 1)]
    public int Iterations { get; init; } = 3;

    /// <summary>
    /// The share of the training, from 0 to 1, in which the prototypes do not move. Default 0.01: the authors hold them
    /// for the first of 100 epochs and more.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double HeldShare { get; init; } = 0.01;

    /// <summary>
    /// How many projections of earlier rows stand beside those of the batch when codes are computed, once there are so
    /// many; not negative. Default 0, none; with batches of 256 the authors take 3,840.
    /// </summary>
    [OptionRange(AtLeast = 0)]
    public int Queue { get; init; }

    /// <summary>
    /// The share of the training, from 0 to 1, after which the queue is used. Default 0.075: after 15 of 200 epochs,
    /// the authors'.
    /// </summary>
    [OptionRange(AtLeast = 0, AtMost = 1)]
    public double QueueFrom { get; init; } = 0.075;

    /// <inheritdoc />
    public IReadOnlyList<IPart> Learned => [head, prototypes];

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [head, prototypes, first, second, .. Crops];

    private Tensor Weight => ((Linear)prototypes.Module).weight!;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        Guard.Options(this);
        ArgumentNullException.ThrowIfNull(Crops);
        var batches = ViewedRows.Of(step, Domains, "the assignment");
        IAugmentation[] views = [first, second, .. Crops];
        var projected = views.Select(view => Projected(step, batches, view)).ToList();
        if (projected[0].shape[1] != Weight.shape[1])
        {
            throw new ArgumentException(
                $"prototypes must take what the head gives, {projected[0].shape[1]} numbers; they take "
                    + $"{Weight.shape[1]}: nn.Linear({projected[0].shape[1]}, {Weight.shape[0]}, hasBias: false).",
                nameof(step)
            );
        }
        // In half precision the prototypes are kept in fewer bits than the projections.
        var weight = (step.Progress < HeldShare ? Weight.detach() : Weight).to(projected[0].dtype);
        var scores = projected.Select(rows => rows.matmul(weight.t())).ToList();
        if (Queue > 0)
        {
            _ = step.Once(this, step.Batch, () => stack([projected[0].detach(), projected[1].detach()]));
        }
        var losses = new List<Tensor>();
        for (var own = 0; own < 2; own++)
        {
            var codes = CodesOf(step, scores[own], own);
            losses.AddRange(scores.Where((_, other) => other != own).Select(other => Of(other, codes, Temperature)));
        }
        return stack([.. losses]).mean();
    }

    /// <summary>Codes: soft assignments that use all prototypes alike.</summary>
    /// <param name="scores">Products of projections and prototypes <c>[n, K]</c>; taken as constants.</param>
    /// <param name="epsilon">How soft the codes are, positive.</param>
    /// <param name="iterations">The rounds, at least 1.</param>
    /// <returns>
    /// Codes <c>[n, K]</c> that sum to 1 in each row, and nearly to <c>n/K</c> in each column; the caller disposes
    /// them.
    /// </returns>
    public static Tensor Codes(Tensor scores, double epsilon = 0.05, int iterations = 3)
    {
        Guard.Rows(scores);
        Guard.Positive(epsilon);
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, 1);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        // In logarithms: exp(1 / 0.05) alone is half a billion.
        var logs = scores.detach() / epsilon;
        for (var round = 0; round < iterations; round++)
        {
            Canceling.Check();
            logs -= logs.logsumexp(0, keepdim: true);
            logs -= logs.logsumexp(1, keepdim: true);
        }
        return logs.exp().MoveToOuterDisposeScope();
    }

    /// <summary><c>mean_i -sum_k q(i, k) log softmax(scores_i / T)_k</c>.</summary>
    /// <param name="scores">Products of another view's projections and prototypes <c>[n, K]</c>.</param>
    /// <param name="codes">Codes q of the same rows <c>[n, K]</c>; taken as constants.</param>
    /// <param name="temperature">The temperature T.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor codes, double temperature = 0.1)
    {
        Guard.Matching(scores, codes);
        Guard.Positive(temperature);
        using var scope = NewDisposeScope();
        var logs = (scores / temperature).log_softmax(1);
        return (codes.detach() * logs).sum(1).mean().neg().MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        Guard.Options(this);
        Forget();
        Straighten();
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Straighten();
        if (Queue == 0)
        {
            return;
        }
        using var scope = NewDisposeScope();
        // Those of the step; where its term was not evaluated, they are computed now.
        var projected = step.Once(
            this,
            step.Batch,
            () =>
            {
                var batches = ViewedRows.Of(step, Domains, "the assignment");
                return stack([Projected(step, batches, first).detach(), Projected(step, batches, second).detach()]);
            }
        );
        var all = queue is null ? projected : cat([queue, projected.to(queue.dtype)], 1);
        var kept = Math.Min(Queue, all.shape[1]);
        var next = all.narrow(1, all.shape[1] - kept, kept).clone().DetachFromDisposeScope();
        queue?.Dispose();
        queue = next;
    }

    /// <inheritdoc />
    public void OnEnd()
    {
        Straighten(); // those of the model; in half precision its rounded copies were straightened so far
        Forget();
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("queue", ref queue);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => Queue > 0 ? plan.OneBatchAStep() : [];

    private Tensor Projected(StepContext step, IReadOnlyList<IBatch> batches, IAugmentation view) =>
        ViewedRows.Unit(ViewedRows.Joined(batches, batch => step.Scores(head, step.Features(step.View(view, batch)))));

    private Tensor CodesOf(StepContext step, Tensor scores, int own)
    {
        if (queue is null || queue.shape[1] < Queue || step.Progress < QueueFrom)
        {
            return Codes(scores, Epsilon, Iterations);
        }
        using var quiet = no_grad();
        var earlier = queue[own].to(scores.dtype).matmul(Weight.t().to(scores.dtype));
        var codes = Codes(cat([earlier, scores]), Epsilon, Iterations);
        return codes.narrow(0, earlier.shape[0], scores.shape[0]);
    }

    private void Straighten()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Weight.copy_(ViewedRows.Unit(Weight));
    }

    private void Forget()
    {
        queue?.Dispose();
        queue = null;
    }
}
