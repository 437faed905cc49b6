using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// AdaMatch: FixMatch for another domain, with pseudo-labels in the source's shares and a threshold relative to the
/// network's confidence on the source.
/// </summary>
/// <remarks>
/// <para>
/// With p the weak view's probabilities, constants, and s the source's: <c>p~_i = p_i (a + e) / (b + e)</c>, divided by
/// its sum, e <c>1e-6</c>; a row counts where <c>max p~_i &gt;= t mean_j max s_j</c>; the loss is
/// <c>1/n sum_i 1[...] CE(z'_i, argmax p~_i)</c> for logits <c>z'</c> of the strong view (Berthelot, Roelofs, Sohn,
/// Carlini and Kurakin 2022, "AdaMatch: A Unified Approach to Semi-Supervised Learning and Domain Adaptation", section
/// 3). As in the authors' program a is the moving average of the mean of s, of which a step keeps a share m, and b the
/// mean of p over the last batches; both are even at the start and have this step's batches in them. The source's means
/// are by example weights. The paper's random interpolation of logits, which is for batch normalization over both
/// domains, is left out. Let the weight rise: the paper's is <c>1/2 - cos(min(pi, 2 pi p)) / 2</c>.
/// </para>
/// <para>The averages are checkpointed. One object serves one training at a time.</para>
/// </remarks>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, of source rows too, or null for the rows themselves.</param>
public sealed class AdaMatch(IAugmentation strong, IAugmentation? weak = null) : IObjective, ITrainingHook
{
    private const double Epsilon = 1e-6;

    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));
    private Tensor? average; // a [C]
    private Tensor? means; // the last batches' mean predictions [Window, C]

    /// <summary>
    /// The threshold t as a share of the source's mean confidence, positive. Default 0.9, the paper's.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Threshold { get; init; } = 0.9;

    /// <summary>
    /// The share m of the source's average that a step keeps, from 0 to below 1. Default 0.999, the authors'; with 0
    /// and a <see cref="Window"/> of 1 the averages are the step's batch means.
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Momentum { get; init; } = 0.999;

    /// <summary>
    /// Over how many batches the target's predictions are averaged, at least 1. Default 128, the authors'.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Window { get; init; } = 128;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weak is null ? [strong] : [strong, weak];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var (source, target) = Plain(step);
        var weights = step.SourceWeights();
        var now = step.Once(this, step.Batch, () => After(source, target, weights));
        var scores = step.Scores(step.View(strong, step.Target));
        return Aligned(source, target, scores, now.Average, now.Means.mean([0L]), Threshold, weights);
    }

    /// <summary>The loss of some logits, aligned by their own means.</summary>
    /// <param name="source">Logits of source rows <c>[n, C]</c>; taken as constants.</param>
    /// <param name="weak">Logits of the target's weak view <c>[m, C]</c>; taken as constants.</param>
    /// <param name="strong">Logits of the target's strong view <c>[m, C]</c>.</param>
    /// <param name="threshold">The threshold as a share of the source's mean confidence.</param>
    /// <param name="weights">Weights of the source rows <c>[n]</c>, or null; relative to their sum.</param>
    /// <returns>A scalar, differentiable in <paramref name="strong"/>; the caller disposes it.</returns>
    public static Tensor Of(Tensor source, Tensor weak, Tensor strong, double threshold = 0.9, Tensor? weights = null)
    {
        Guard.Alive(strong);
        Guard.AliveOrNull(weights);
        Guard.Pair(source, weak);
        Guard.Pair(weak, strong);
        Guard.Positive(threshold);
        using var scope = NewDisposeScope();
        var (s, p) = (source.detach(), weak.detach());
        return Aligned(s, p, strong, Mean(s, weights), p.softmax(1).mean([0L]), threshold, weights)
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view) => OnEnd();

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        // Where the term's weight was 0 nobody has read the rows: by the weights after the step.
        using var mode = EvaluationMode.Of(view.Extractor, view.Predictor);
        var now = step.Once(
            this,
            step.Batch,
            () =>
            {
                var (source, target) = Plain(step);
                return After(source, target, step.SourceWeights());
            }
        );
        var (nextAverage, nextMeans) = (now.Average.clone(), now.Means.clone());
        OnEnd();
        (average, means) = (nextAverage.DetachFromDisposeScope(), nextMeans.DetachFromDisposeScope());
    }

    /// <inheritdoc />
    public void OnEnd()
    {
        average?.Dispose();
        means?.Dispose();
        (average, means) = (null, null);
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("average", ref average);
        state.Slot("means", ref means);
    }

    private static Tensor Mean(Tensor source, Tensor? weights)
    {
        var s = source.softmax(1);
        return RowShares.Of(source, weights).to(s.dtype).unsqueeze(0).matmul(s).squeeze(0);
    }

    private static Tensor Aligned(
        Tensor source,
        Tensor weak,
        Tensor strong,
        Tensor ofSource,
        Tensor ofTarget,
        double threshold,
        Tensor? weights
    )
    {
        var aligned = weak.softmax(1) * ((ofSource + Epsilon) / (ofTarget + Epsilon));
        var (confidence, labels) = (aligned / aligned.sum(1, keepdim: true)).max(1);
        var s = source.softmax(1);
        var least = RowShares.Of(source, weights).to(s.dtype).dot(s.amax([1L])) * threshold;
        return CrossEntropy.Of(strong, labels, confidence.ge(least));
    }

    // The averages with a step's batches in them.
    private Averages After(Tensor source, Tensor target, Tensor? weights)
    {
        using var quiet = no_grad();
        var p = target.softmax(1);
        var even = p.new_full(p.shape[1], 1.0 / p.shape[1]);
        var before = means ?? p.new_full([Window, p.shape[1]], 1.0 / p.shape[1]);
        var next = ((average ?? even) * Momentum) + (Mean(source, weights) * (1 - Momentum));
        return new Averages(next, BatchMeans.After(before, p, Window));
    }

    // What the network reads in the source's and the target's weak views.
    private (Tensor Source, Tensor Target) Plain(StepContext step)
    {
        using var quiet = no_grad();
        Tensor Scores(IBatch batch) => step.Scores(weak is null ? batch : step.View(weak, batch));
        return (cat([.. step.Sources.Select(Scores)]), Scores(step.Target));
    }

    private sealed record Averages(Tensor Average, Tensor Means);

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
