using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// FlexMatch: FixMatch with a threshold for each class, lower for classes that are learned less so far.
/// </summary>
/// <remarks>
/// <para>
/// A memory holds, for every target row, the class of its last reading of at least the threshold, or -1 as long as
/// there was none. A reading is what the network sees in the row after a step, in evaluation mode. With <c>s_c</c> the
/// rows of class c in it, divided by the largest such count, that of -1 included, class c has the threshold
/// <c>t s_c / (2 - s_c)</c> (Zhang et al. 2021, "FlexMatch: Boosting Semi-Supervised Learning with Curriculum Pseudo
/// Labeling", equations 5 to 7). The loss is that of <see cref="FixMatch"/>.
/// </para>
/// <para>
/// The memory is m numbers for m target rows, and is checkpointed. One object serves one training at a time.
/// </para>
/// </remarks>
/// <param name="strong">The strong augmentation.</param>
/// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
public sealed class FlexMatch(IAugmentation strong, IAugmentation? weak = null) : IObjective, ITrainingHook
{
    private readonly IAugmentation strong = strong ?? throw new ArgumentNullException(nameof(strong));
    private Tensor? last; // int64 [m]

    /// <summary>The threshold t of a class that is learned best, from 0 to below 1. Default 0.95.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Threshold { get; init; } = 0.95;

    /// <summary>
    /// Whether thresholds rise slowly at first, <c>s / (2 - s)</c>, and not in proportion. Default true, the authors'.
    /// </summary>
    public bool IsConvex { get; init; } = true;

    /// <summary>
    /// Whether rows without a sure reading count as a class of their own in the maximum, which keeps all thresholds low
    /// at first. Default true.
    /// </summary>
    public bool HasWarmUp { get; init; } = true;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => weak is null ? [strong] : [strong, weak];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        Tensor confidence,
            labels,
            least;
        using (no_grad())
        {
            var plain = Plain(step);
            (confidence, labels) = plain.softmax(1).max(1);
            var memory = last is null ? labels.new_full(1, -1) : Near(labels); // the rehearsal: no target yet
            var thresholds = Thresholds(memory, plain.shape[1], Threshold, IsConvex, HasWarmUp);
            least = thresholds.to(plain.device).index_select(0, labels);
        }
        return CrossEntropy.Of(step.Scores(step.View(strong, step.Target)), labels, confidence.ge(least));
    }

    /// <summary>Each class's threshold.</summary>
    /// <param name="last">
    /// The class of each row's last sure reading, int64 <c>[m]</c>, or -1 where there was none.
    /// </param>
    /// <param name="classes">The number of classes C.</param>
    /// <param name="threshold">The threshold of a class that is learned best.</param>
    /// <param name="isConvex">Whether thresholds follow <c>s / (2 - s)</c> and not s.</param>
    /// <param name="hasWarmUp">Whether rows of -1 count in the maximum.</param>
    /// <returns>Thresholds, float64 <c>[C]</c>, all 0 where no row has a class; the caller disposes them.</returns>
    public static Tensor Thresholds(
        Tensor last,
        long classes,
        double threshold,
        bool isConvex = true,
        bool hasWarmUp = true
    )
    {
        Guard.Alive(last);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        Guard.InRange(threshold, 0, 1);
        using var scope = NewDisposeScope();
        // Whole numbers: their sum is the same in any order.
        var one = ones(last.shape[0], float64, last.device);
        var all = zeros(classes + 1, float64, last.device).scatter_add_(0, last + 1, one);
        var counts = all.narrow(0, 1, classes);
        var learned = counts / (hasWarmUp ? all : counts).max().clamp_min(1);
        return ((isConvex ? learned / (2 - learned) : learned) * threshold).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Forget();
        using var scope = NewDisposeScope();
        last = full(view.Domains.Target.Count, -1, int64).DetachFromDisposeScope();
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(step);
        using var scope = NewDisposeScope();
        using var mode = EvaluationMode.Of(view.Extractor, view.Predictor);
        var (confidence, labels) = Plain(step).softmax(1).max(1);
        var memory = Near(labels);
        var rows = step.Target.Rows.to(memory.device);
        memory.index_copy_(0, rows, where(confidence.ge(Threshold), labels, memory.index_select(0, rows)));
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("last", ref last);
    }

    // The memory where the network computes; it moves there once.
    private Tensor Near(Tensor labels)
    {
        if (last!.device_type != labels.device_type)
        {
            using var before = last;
            last = before.to(labels.device).DetachFromDisposeScope();
        }
        return last;
    }

    private Tensor Plain(StepContext step) => step.Scores(weak is null ? step.Target : step.View(weak, step.Target));

    private void Forget()
    {
        last?.Dispose();
        last = null;
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => [.. plan.OfClasses(), .. plan.OneBatchAStep()];
}
