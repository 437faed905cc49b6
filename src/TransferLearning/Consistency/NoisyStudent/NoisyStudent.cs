using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// Noisy student: target rows, augmented for the student, are to be read as a fixed teacher reads them without noise.
/// </summary>
/// <remarks>
/// <c>1/n sum_i 1[max softmax(t_i) &gt;= threshold] CE(z'_i, softmax(t_i))</c> for the teacher's logits t of the rows,
/// constants, and the student's <c>z'</c> of the augmented ones; dropout of the student is noise as well (Xie, Luong,
/// Hovy and Le 2020, "Self-training with Noisy Student Improves ImageNet Classification"). The paper makes the student
/// a teacher of the next one two or three times: a further fit with the parts exchanged. It evens the classes among the
/// pseudo-labels out; here the batch's own shares stand.
/// </remarks>
/// <param name="extractor">The teacher's extractor; no phase moves it.</param>
/// <param name="predictor">The teacher's predictor, likewise.</param>
/// <param name="view">How the student looks at target rows, or null for the rows themselves.</param>
public sealed class NoisyStudent(IFeatureExtractor extractor, ILabelPredictor predictor, IAugmentation? view = null)
    : IObjective
{
    private readonly IFeatureExtractor extractor = extractor ?? throw new ArgumentNullException(nameof(extractor));
    private readonly ILabelPredictor predictor = predictor ?? throw new ArgumentNullException(nameof(predictor));

    /// <summary>
    /// The teacher's least confidence at which a row counts, from 0 to below 1. Default 0.3, the authors'.
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Threshold { get; init; } = 0.3;

    /// <summary>
    /// Whether labels are the teacher's classes and not its probabilities. Default false, the authors'.
    /// </summary>
    public bool IsHard { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => view is null ? [extractor, predictor] : [extractor, predictor, view];

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        Tensor teacher;
        using (no_grad())
        {
            teacher = step.Scores(predictor, step.Features(extractor, step.Target));
        }
        var student = step.Scores(view is null ? step.Target : step.View(view, step.Target));
        return Of(student, teacher, Threshold, IsHard);
    }

    /// <summary>The loss of two sets of logits.</summary>
    /// <param name="student">Logits <c>[n, C]</c>.</param>
    /// <param name="teacher">Logits <c>[n, C]</c>; taken as constants.</param>
    /// <param name="threshold">The teacher's least confidence.</param>
    /// <param name="isHard">Whether labels are the teacher's classes and not its probabilities.</param>
    /// <returns>A scalar, differentiable in <paramref name="student"/>; the caller disposes it.</returns>
    public static Tensor Of(Tensor student, Tensor teacher, double threshold = 0.3, bool isHard = false)
    {
        Guard.Pair(student, teacher);
        Guard.InRange(threshold, 0, 1);
        using var scope = NewDisposeScope();
        var p = teacher.detach().softmax(1);
        var (confidence, classes) = p.max(1);
        return CrossEntropy.Of(student, isHard ? classes : p, confidence.ge(threshold)).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
