using TransferLearning.Augmentation;
using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// A mean teacher: target predictions must match those of a network whose weights are a moving average of the
/// student's.
/// </summary>
/// <remarks>
/// After every step <c>t = a t + (1 - a) s</c> for each parameter, with <c>a = min(1 - 1/(step + 1), decay)</c>;
/// buffers are copied. The term is <c>mean_i mean_c (softmax(student)_ic - softmax(teacher)_ic)^2</c> over the target
/// batch, the student and the teacher each seeing their own view (Tarvainen and Valpola 2017, "Mean teachers are better
/// role models"). No gradient flows through the teacher. The teacher's parts start as copies of the student's and are
/// saved in checkpoints. Under <see cref="Precision.BFloat16"/> the teacher stays in float32 and averages the student's
/// rounded weights.
/// </remarks>
/// <param name="extractor">
/// The teacher's extractor, of the student's architecture: <c>student.Replica()</c>. The caller disposes it.
/// </param>
/// <param name="predictor">The teacher's predictor, likewise.</param>
public sealed class MeanTeacher(ModulePart extractor, ModulePart predictor) : IObjective, ITrainingHook
{
    private readonly ModulePart extractor = extractor ?? throw new ArgumentNullException(nameof(extractor));
    private readonly ModulePart predictor = predictor ?? throw new ArgumentNullException(nameof(predictor));

    // Views are known by reference: another object is another draw.
    private AugmentationSequence? further;

    /// <summary>The largest share of the old average that is kept in a step, from 0 to below 1. Default 0.99.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Decay { get; init; } = 0.99;

    /// <summary>
    /// Whether squares are summed over the classes and not averaged, which makes the term C times as strong. Default
    /// false, the authors' program.
    /// </summary>
    public bool SumsClasses { get; init; }

    /// <summary>
    /// The confidence of the teacher above which a row counts, from 0 to below 1; the mean is over all rows, kept or
    /// not. Default 0, all.
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Threshold { get; init; }

    /// <summary>How the student looks at target rows; null for the rows themselves.</summary>
    public IAugmentation? StudentView { get; init; }

    /// <summary>
    /// How the teacher looks at target rows; null for the rows themselves. The student's view again is another draw of
    /// it.
    /// </summary>
    public IAugmentation? TeacherView { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => new IPart?[] { extractor, predictor, StudentView, TeacherView }.OfType<IPart>();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var wanted = Wanted(step);
        return Distance(StudentScores(step), wanted, Kept(wanted), SumsClasses);
    }

    /// <summary><c>mean_i mean_c (softmax(student)_ic - softmax(teacher)_ic)^2</c>.</summary>
    /// <param name="student">Logits <c>[n, C]</c>.</param>
    /// <param name="teacher">Logits <c>[n, C]</c>; taken as constants.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null. The mean is over rows, not over weights.</param>
    /// <param name="sumsClasses">Whether squares are summed over the classes and not averaged.</param>
    /// <returns>A scalar, differentiable in <paramref name="student"/>; the caller disposes it.</returns>
    public static Tensor Distance(Tensor student, Tensor teacher, Tensor? weights = null, bool sumsClasses = false)
    {
        Guard.Alive(student);
        Guard.Alive(teacher);
        Guard.AliveOrNull(weights);
        using var scope = NewDisposeScope();
        var squares = (student.softmax(1) - teacher.detach().softmax(1)).square();
        var rows = sumsClasses ? squares.sum(1) : squares.mean([1L]);
        return (weights is null ? rows : rows * weights.to(rows.dtype)).mean().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// One step of the moving average, <c>teacher = share teacher + (1 - share) student</c>; buffers are copied.
    /// </summary>
    /// <param name="teacher">The module that follows.</param>
    /// <param name="student">The module that leads, of the same architecture.</param>
    /// <param name="share">The share of the teacher's old value, from 0 to 1.</param>
    public static void Follow(nn.Module teacher, nn.Module student, double share)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(student);
        MovingAverage.Follow(teacher, student, share);
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Guard.Options(this);
        extractor.CopyFrom(Student(view.Extractor.For(DomainId.Target)));
        predictor.CopyFrom(Student(view.Predictor));
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        var share = Math.Min(1 - (1.0 / (view.Step + 1)), Decay);
        Follow(extractor.Module, Student(view.Extractor.For(DomainId.Target)).Module, share);
        Follow(predictor.Module, Student(view.Predictor).Module, share);
    }

    /// <summary>Nothing of its own: the teacher's parts are checkpointed as parts.</summary>
    public void Exchange(StateBag state) { }

    /// <summary>The student's logits of its view of the step's target rows.</summary>
    internal Tensor StudentScores(StepContext step) =>
        step.Scores(StudentView is null ? step.Target : step.View(StudentView, step.Target));

    /// <summary>Whether each of the step's target rows counts <c>[n]</c>; null where all do.</summary>
    internal Tensor? Kept(StepContext step) => Kept(Wanted(step));

    private IAugmentation? TeacherLook =>
        TeacherView is not null && ReferenceEquals(TeacherView, StudentView)
            ? further ??= new AugmentationSequence(TeacherView)
            : TeacherView;

    private static ITrainable Student(IPart part) =>
        part as ITrainable
        ?? throw new InvalidOperationException(
            $"A mean teacher follows a trainable part; the student's is a {part.GetType().Name}."
        );

    private Tensor Wanted(StepContext step)
    {
        using var quiet = no_grad();
        var batch = TeacherLook is { } look ? step.View(look, step.Target) : step.Target;
        return step.Scores(predictor, step.Features(extractor, batch));
    }

    private Tensor? Kept(Tensor wanted) => Threshold > 0 ? wanted.softmax(1).amax([1L]).gt(Threshold) : null;

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
