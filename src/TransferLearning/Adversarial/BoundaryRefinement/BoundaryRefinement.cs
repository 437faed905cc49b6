using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>
/// DIRT-T's teacher: while the target alone moves the class boundaries, predictions must stay near those of the network
/// of some steps ago.
/// </summary>
/// <remarks>
/// <para>
/// <c>1/n sum_i KL(softmax(teacher_i) || softmax(student_i))</c> over the target batch, the teacher a constant: a step
/// of bounded length in the space of predictions, as natural gradient takes it, and not in that of parameters (Shu,
/// Bui, Narui and Ermon 2018, "A DIRT-T Approach to Unsupervised Domain Adaptation"). It goes with entropy minimization
/// and virtual adversarial training of the target, and starts from a network that VADA has trained.
/// </para>
/// <para>
/// The teacher starts as a copy of the student. A moving average keeps a share <see cref="Decay"/> of the parameters'
/// old values in each step; every <see cref="Interval"/> steps the teacher takes the average's values, buffers those of
/// the student: the authors' program. No gradient flows through the teacher. Teacher and average are checkpointed. One
/// object serves one training at a time.
/// </para>
/// </remarks>
/// <param name="extractor">
/// The teacher's extractor, of the student's architecture: <c>student.Replica()</c>. The caller disposes it.
/// </param>
/// <param name="predictor">The teacher's predictor, likewise.</param>
public sealed class BoundaryRefinement(ModulePart extractor, ModulePart predictor) : IObjective, ITrainingHook
{
    private readonly ModulePart extractor = extractor ?? throw new ArgumentNullException(nameof(extractor));
    private readonly ModulePart predictor = predictor ?? throw new ArgumentNullException(nameof(predictor));
    private Tensor?[] average = []; // the parameters of extractor and predictor

    /// <summary>
    /// How many steps a teacher stays, at least 1. Default 5000, the authors'; they also publish 500.
    /// </summary>
    [OptionRange(AtLeast = 1)]
    public int Interval { get; init; } = 5000;

    /// <summary>
    /// The share of the average that a step keeps, from 0 to below 1; 0 makes the teacher the student of every
    /// interval's end, as in the paper's algorithm. Default 0.998, the authors'.
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Decay { get; init; } = 0.998;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [extractor, predictor];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        Tensor wanted;
        using (no_grad())
        {
            wanted = step.Scores(predictor, step.Features(extractor, step.Target));
        }
        return Of(step.Scores(step.Target), wanted);
    }

    /// <summary><c>1/n sum_i KL(softmax(teacher_i) || softmax(student_i))</c>.</summary>
    /// <param name="student">Logits <c>[n, C]</c>.</param>
    /// <param name="teacher">Logits <c>[n, C]</c> of the same rows; taken as constants.</param>
    /// <returns>
    /// A scalar, 0 where both agree, differentiable in <paramref name="student"/>; the caller disposes it.
    /// </returns>
    public static Tensor Of(Tensor student, Tensor teacher)
    {
        Guard.Pair(student, teacher);
        if (student.shape[0] != teacher.shape[0])
        {
            throw new ArgumentException(
                $"teacher must hold the scores of the same rows as student {Shape.Of(student)}; got "
                    + $"{Shape.Of(teacher)}.",
                nameof(teacher)
            );
        }
        using var scope = NewDisposeScope();
        var wanted = teacher.detach().log_softmax(1);
        return (wanted.exp() * (wanted - student.log_softmax(1))).sum(1).mean().MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void OnStart(TrainingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        Guard.Options(this);
        Forget();
        var (ofExtractor, ofPredictor) = Student(view);
        extractor.CopyFrom(ofExtractor);
        predictor.CopyFrom(ofPredictor);
        average = [.. Parameters(extractor, predictor).Select(own => own.detach().clone().DetachFromDisposeScope())];
    }

    /// <inheritdoc />
    public void OnStepped(TrainingView view, StepContext step)
    {
        ArgumentNullException.ThrowIfNull(view);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (ofExtractor, ofPredictor) = Student(view);
        foreach (var (mean, current) in average.Zip(Parameters(ofExtractor, ofPredictor)))
        {
            mean!.lerp_(current.detach().to(mean!.dtype), tensor(1 - Decay, mean!.dtype, mean!.device));
        }
        if (view.Step % Interval != 0)
        {
            return;
        }
        foreach (var (old, mean) in Parameters(extractor, predictor).Zip(average))
        {
            old.copy_(mean!);
        }
        foreach (var (old, current) in Buffers(extractor, predictor).Zip(Buffers(ofExtractor, ofPredictor)))
        {
            old.copy_(current);
        }
    }

    /// <inheritdoc />
    public void OnEnd() => Forget();

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.IsLoading)
        {
            Forget();
            average = new Tensor?[state.Has("average0") ? Parameters(extractor, predictor).Count() : 0];
        }
        for (var i = 0; i < average.Length; i++)
        {
            state.Slot($"average{i}", ref average[i]);
        }
    }

    private static IEnumerable<Tensor> Parameters(params ITrainable[] parts) =>
        parts.SelectMany(part => part.Module.parameters());

    private static IEnumerable<Tensor> Buffers(params ITrainable[] parts) =>
        parts.SelectMany(part => part.Module.buffers());

    private static (ITrainable Extractor, ITrainable Predictor) Student(TrainingView view) =>
        (Trainable(view.Extractor.For(DomainId.Target)), Trainable(view.Predictor));

    private static ITrainable Trainable(IPart part) =>
        part as ITrainable
        ?? throw new InvalidOperationException(
            $"Boundary refinement follows a trainable part; the student's is a {part.GetType().Name}."
        );

    private void Forget()
    {
        foreach (var mean in average)
        {
            mean?.Dispose();
        }
        average = [];
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
