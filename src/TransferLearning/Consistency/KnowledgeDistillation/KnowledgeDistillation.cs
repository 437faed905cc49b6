using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Consistency;

/// <summary>
/// Knowledge distillation: target rows are to be read as a fixed teacher reads them, its second and third choices
/// included.
/// </summary>
/// <remarks>
/// <c>T^2 1/n sum_i KL(softmax(t_i / T) || softmax(z_i / T))</c> for the teacher's logits t, constants, and the
/// student's z (Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural Network"); <c>T^2</c> keeps the
/// gradient's size as T changes, TLLib leaves it out. A teacher that finds all classes alike makes it label smoothing:
/// <c>(1 - s) CE(z, y) + s KL(1/C || softmax(z))</c> is the cross-entropy smoothed by s, less <c>s log C</c>.
/// </remarks>
/// <param name="extractor">The teacher's extractor; no phase moves it.</param>
/// <param name="predictor">The teacher's predictor, likewise.</param>
public sealed class KnowledgeDistillation(IFeatureExtractor extractor, ILabelPredictor predictor) : IObjective
{
    private readonly IFeatureExtractor extractor = extractor ?? throw new ArgumentNullException(nameof(extractor));
    private readonly ILabelPredictor predictor = predictor ?? throw new ArgumentNullException(nameof(predictor));

    /// <summary>The temperature T, positive; above 1 brings out what the teacher confuses. Default 2.</summary>
    [OptionRange(Above = 0)]
    public double Temperature { get; init; } = 2;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [extractor, predictor];

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
        return Of(step.Scores(step.Target), teacher, Temperature);
    }

    /// <summary>The distillation loss of two sets of logits.</summary>
    /// <param name="student">Logits <c>[n, C]</c>.</param>
    /// <param name="teacher">Logits <c>[n, C]</c>; taken as constants.</param>
    /// <param name="temperature">The temperature.</param>
    /// <returns>A scalar, differentiable in <paramref name="student"/>; the caller disposes it.</returns>
    public static Tensor Of(Tensor student, Tensor teacher, double temperature = 2)
    {
        Guard.Pair(student, teacher);
        Guard.Positive(temperature);
        using var scope = NewDisposeScope();
        var wanted = (teacher.detach() / temperature).log_softmax(1);
        var divergence = (wanted.exp() * (wanted - (student / temperature).log_softmax(1))).sum(1).mean();
        return (divergence * (temperature * temperature)).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
