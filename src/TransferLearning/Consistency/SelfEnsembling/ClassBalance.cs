using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>Self-ensembling's class balance: over a target batch, classes are to be predicted equally often.</summary>
/// <remarks>
/// <c>k sum_c BCE(m_c, 1/C)</c> for the mean prediction <c>m = 1/n sum_i softmax(z_i)</c>,
/// <c>BCE(m, t) = -t log m - (1 - t) log(1 - m)</c> (French, Mackiewicz and Fisher 2018, "Self-Ensembling for Visual
/// Domain Adaptation", section 3.4, as in the authors' program). With a <see cref="Teacher"/>, z are the student's
/// logits of its view and k is the share of rows that the teacher keeps; without one, z are those of the rows
/// themselves and k is 1. It keeps a mean teacher from a collapse into one class, and is wrong where the target's
/// classes are not balanced.
/// </remarks>
public sealed record ClassBalance : IObjective
{
    /// <summary>The mean teacher of the same training, whose view and threshold are taken; null for none.</summary>
    public MeanTeacher? Teacher { get; init; }

    /// <summary>
    /// Whether the terms are summed over the classes and not averaged, C times as much. Default true, the authors'
    /// program.
    /// </summary>
    public bool SumsClasses { get; init; } = true;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => Teacher is null ? [] : [Teacher];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var scores = Teacher is null ? step.Scores(step.Target) : Teacher.StudentScores(step);
        var balance = SumsClasses ? Of(scores) * scores.shape[1] : Of(scores);
        return Teacher?.Kept(step) is { } kept ? balance * kept.to(balance.dtype).mean() : balance;
    }

    /// <summary>The imbalance of some predictions, <c>1/C sum_c BCE(m_c, 1/C)</c>.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores)
    {
        Guard.Rows(scores);
        using var scope = NewDisposeScope();
        var classes = scores.shape[1];
        // From logarithms: 1 - m of a class that takes all rows is 0 in float32 long before its logarithm is large.
        var logs = scores.log_softmax(1).logsumexp(0) - Math.Log(scores.shape[0]);
        var terms = logs / classes;
        if (classes > 1)
        {
            var itself = eye(classes, dtype: ScalarType.Bool, device: scores.device);
            var others = logs.expand(classes, classes).masked_fill(itself, double.NegativeInfinity).logsumexp(1);
            terms += others * (1 - (1.0 / classes));
        }
        return terms.mean().neg().MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
