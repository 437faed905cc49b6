using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.SelfTraining;

/// <summary>
/// Pseudo-labels by a curriculum: the share of the target that is read most surely is labeled, before every epoch anew,
/// and the share grows; each class by itself where that is asked for (CBST).
/// </summary>
/// <remarks>
/// <para>
/// <c>1/n sum_i 1[y_i known] CE(z_i, y_i)</c>, the mean over the whole batch. Before every epoch all m target rows are
/// read, in evaluation mode. Of <see cref="IsClassBalanced"/>, the default, class c gets the confidence <c>t_c</c> of
/// the <c>floor(s m_c)</c>-th surest of the <c>m_c</c> rows that are read as it, 1 where that is none, and a row the
/// class of its largest <c>p_c / t_c</c> where that is at least 1 (Zou, Yu, Kumar and Wang 2018, "Unsupervised Domain
/// Adaptation for Semantic Segmentation via Class-Balanced Self-Training", equations 6 to 8, with the authors' share
/// from 0.2 to 0.5). Otherwise one threshold holds for all rows, of the <c>floor(s m)</c>-th surest (their self-paced
/// version; Cascante-Bonilla, Tan, Qi and Ordonez 2021, "Curriculum Labeling", take shares up to 1).
/// </para>
/// <para>
/// Costs one pass over the target an epoch. The labels are checkpointed. One object serves one training at a time.
/// </para>
/// </remarks>
public sealed class CurriculumPseudoLabels : IObjective, ITrainingHook
{
    private const double Rounding = 1e-9;
    private Tensor? labels; // int64 [m], -1 where there is none

    /// <summary>
    /// The share s of the rows that is labeled, over progress, from 0 to 1. Default a line from 0.2 to 0.5, the
    /// authors' first and last.
    /// </summary>
    public Schedule Share { get; init; } = Schedule.Linear(0.2, 0.5);

    /// <summary>
    /// Whether the share is of each class, so that classes that are read less surely get labels as well. Default true.
    /// </summary>
    public bool IsClassBalanced { get; init; } = true;

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return [.. plan.OfClasses(), .. ShareFaults()];
    }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var scores = step.Scores(step.Target);
        if (labels is null)
        {
            return CrossEntropy.Of(scores, scores.detach().argmax(1)); // the rehearsal has no target yet
        }
        var wanted = labels.index_select(0, step.Target.Rows.to(labels.device)).to(scores.device);
        return CrossEntropy.Of(scores, wanted.clamp_min(0), wanted.ge(0));
    }

    /// <summary>The labels of the rows that are read most surely.</summary>
    /// <param name="probabilities">Class probabilities <c>[m, C]</c>.</param>
    /// <param name="share">The share s of the rows, from 0 to 1.</param>
    /// <param name="isClassBalanced">Whether the share is of the rows that are read as each class.</param>
    /// <returns>
    /// Classes, int64 <c>[m]</c>, -1 for a row without a label; rows as sure as the last one count as well. The caller
    /// disposes them.
    /// </returns>
    public static Tensor Labels(Tensor probabilities, double share, bool isClassBalanced = true)
    {
        Guard.Rows(probabilities);
        Guard.Within(share, 0, 1);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var p = probabilities.detach();
        var (confidence, read) = p.max(1);
        if (Math.Floor((share * p.shape[0]) + Rounding) == 0)
        {
            return full_like(read, -1).MoveToOuterDisposeScope();
        }
        if (!isClassBalanced)
        {
            return where(confidence.ge(Least(confidence, share)), read, full_like(read, -1)).MoveToOuterDisposeScope();
        }
        var thresholds = new List<Tensor>();
        for (long c = 0; c < p.shape[1]; c++)
        {
            Canceling.Check();
            thresholds.Add(Least(confidence.masked_select(read.eq(c)), share));
        }
        var (relative, labels) = (p / stack([.. thresholds]).clamp_min(1e-30)).max(1);
        return where(relative.ge(1), labels, full_like(labels, -1)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnEpoch(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        using var scope = NewDisposeScope();
        var share = Share.At(view.Progress);
        Guard.Within(share, 0, 1, nameof(Share));
        var features = BatchedPass.Over(view.Domains.Target.Rows, view.Extractor.For(DomainId.Target));
        var p = view.Predictor.PredictProbabilities(features);
        var next = Labels(p, share, IsClassBalanced).DetachFromDisposeScope();
        labels?.Dispose();
        labels = next;
    }

    /// <inheritdoc />
    public void OnEnd()
    {
        labels?.Dispose();
        labels = null;
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Slot("labels", ref labels);
    }

    // The confidence of the last row of the surest share; 1 where that is none of a class, as in the authors' program.
    private static Tensor Least(Tensor confidence, double share)
    {
        // A whole number that rounding has pushed below itself is still that number.
        var count = (long)Math.Floor((share * confidence.shape[0]) + Rounding);
        return count == 0 ? confidence.new_full([], 1) : confidence.topk((int)count).values[count - 1];
    }

    private IEnumerable<string> ShareFaults()
    {
        if (Share.Fault() is { } fault)
        {
            return [$"Share {fault}"];
        }
        return Enumerable.Range(0, 11).Select(tenth => Share.At(tenth / 10.0)).Any(share => share is < 0 or > 1)
            ? ["Share must give shares from 0 to 1 for all progress."]
            : [];
    }
}
