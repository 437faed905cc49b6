using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Neighbor-aware propagation: a target row learns the class that its nearest neighbors in the whole target have, the
/// more the surer they are; the second half of SPA.
/// </summary>
/// <remarks>
/// <para>
/// <c>sum_i w_i CE(z_i, y_i) / sum_i w_i</c> with <c>w_i = max_c q_ic</c>, <c>y_i</c> the class where it lies, and
/// <c>q_i</c> the mean over the k nearest rows, by the cosine, of a memory of all target rows. The memory holds each
/// row's features of unit length and its probabilities <c>p_c^2</c>, each class divided by its mean over the batch,
/// which makes them surer and the classes even (Xiao, Wang, Jin, Feng, Chen, Huang and Zhao 2023, "SPA: A Graph
/// Spectral Alignment Perspective for Domain Adaptation"). A row is not its own neighbor.
/// </para>
/// <para>
/// Every step writes its target batch to the memory. It starts with one pass over the target; the authors' program
/// starts it at random. Let the weight rise. Differentiable in the scores; costs <c>b m d</c> a step for b of m target
/// rows, and <c>m (d + C)</c> memory, which is checkpointed. One object serves one training at a time.
/// </para>
/// </remarks>
public sealed class NeighborPropagation : IObjective, ITrainingHook
{
    private Tensor? features; // unit rows [m, d]
    private Tensor? classes; // [m, C]
    private bool isTraining;

    /// <summary>How many neighbors k. Default 5, the authors'; fewer where there are fewer rows.</summary>
    [OptionRange(AtLeast = 1)]
    public int Neighbors { get; init; } = 5;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var (rows, scores) = (step.Features(step.Target), step.Scores(step.Target));
        // The rehearsal has no target yet.
        return isTraining ? Of(rows, scores, step.Target.Rows, features!, classes!) : scores.sum() * 0;
    }

    /// <summary>The term of a batch.</summary>
    /// <param name="batch">The batch's features <c>[b, d]</c>.</param>
    /// <param name="scores">Its scores <c>[b, C]</c>.</param>
    /// <param name="rows">Its places in the memory, int64 <c>[b]</c>.</param>
    /// <param name="memory">Features of unit length <c>[m, d]</c>.</param>
    /// <param name="memoryClasses">What the memory's rows say of the classes <c>[m, C]</c>, not negative.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public Tensor Of(Tensor batch, Tensor scores, Tensor rows, Tensor memory, Tensor memoryClasses)
    {
        Guard.Pair(batch, memory);
        Guard.Pair(scores, memoryClasses);
        Guard.Alive(rows);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        Tensor weights,
            labels;
        using (no_grad())
        {
            var closeness = RowLengths.Unit(batch).matmul(memory.t());
            closeness.scatter_(
                1,
                rows.to(batch.device).unsqueeze(1),
                full([batch.shape[0], 1], double.NegativeInfinity, batch.dtype, batch.device)
            );
            var count = (int)Math.Max(1, Math.Min(Neighbors, memory.shape[0] - 1));
            var nearest = closeness.topk(count, 1).indexes;
            var said = memoryClasses.index_select(0, nearest.reshape(-1)).reshape(batch.shape[0], count, -1);
            (weights, labels) = said.mean([1L]).max(1);
        }
        var losses = CrossEntropy.PerRow(scores, labels);
        return ((weights * losses).sum() / weights.sum().clamp_min(1e-30)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Forget();
        using var scope = NewDisposeScope();
        var all = BatchedPass.Over(view.Domains.Target.Rows, view.Extractor.For(DomainId.Target));
        features = RowLengths.Unit(all).DetachFromDisposeScope();
        classes = Said(view.Predictor.Predict(all)).DetachFromDisposeScope();
        isTraining = true;
    }

    /// <inheritdoc />
    public void OnResume(TrainingView view) => isTraining = true;

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        using var mode = EvaluationMode.Of(view.Extractor, view.Predictor);
        var rows = step.Target.Rows.to(features!.device);
        features.index_copy_(0, rows, RowLengths.Unit(step.Features(step.Target)).to(features.dtype));
        classes!.index_copy_(0, rows, Said(step.Scores(step.Target)).to(classes.dtype));
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("features", ref features);
        state.Slot("classes", ref classes);
    }

    // Squared probabilities, each class over its mean.
    private static Tensor Said(Tensor scores)
    {
        var squares = scores.softmax(1).square();
        return squares / squares.mean([0L], keepdim: true).clamp_min(1e-30);
    }

    private void Forget()
    {
        isTraining = false;
        features?.Dispose();
        classes?.Dispose();
        (features, classes) = (null, null);
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => [.. plan.OfClasses(), .. plan.OneBatchAStep()];
}
