using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// MLDG: a step that lowers the risk of one source is to lower that of another source, too, after the step.
/// </summary>
/// <remarks>
/// <para>
/// The sources stand in a ring in a random order; for each source i and its neighbor j the slope of the risk of i, and
/// <see cref="Factor"/> times the slope of the risk of j after an inner step along the former, are averaged (Li, Yang,
/// Song and Hospedales 2018, "Learning to Generalize: Meta-Learning for Domain Generalization", algorithm 1). The
/// second slope is taken as it is at the moved parameters, without second derivatives, and the inner step is the first
/// one of Adam, <c>-Rate g / (|g| + 1e-8)</c>, as in DomainBed, whose rings made its published figures.
/// <see cref="HasPlainSteps"/> takes the paper's step <c>-Rate g</c>.
/// </para>
/// <para>
/// It takes the place of the loss of the labeled rows, and must be the first objective of its phase, because it moves
/// parameters and puts them back before any other pass is computed. Its value is the mean of the risks before, and
/// <see cref="Factor"/> times that of the risks after the inner steps; its gradient is the slopes. It costs two passes
/// and two slopes a source. Risks are those of <see cref="SourceRisk"/>; labeled target rows are one more domain. Batch
/// normalization follows all passes.
/// </para>
/// </remarks>
public sealed record MetaLearning : IObjective
{
    /// <summary>The factor of the risks after the inner steps, not negative. Default 1, DomainBed's.</summary>
    [OptionRange(AtLeast = 0)]
    public double Factor { get; init; } = 1;

    /// <summary>
    /// The rate of the inner steps, positive. Default 0.001, that of the default optimizer: DomainBed's is that of the
    /// training.
    /// </summary>
    [OptionRange(Above = 0)]
    public double Rate { get; init; } = 1e-3;

    /// <summary>Whether an inner step is the rate times the slope, the paper's. Default false: Adam's first.</summary>
    public bool HasPlainSteps { get; init; }

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Refused;

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var isLate =
            plan.Current is NetworkTraining training
            && training.Phases.Any(phase =>
                phase.Objectives.Skip(1).Any(term => ReferenceEquals(term.Objective, this))
            );
        string[] own = isLate
            ? ["moves parameters, which passes of others must not see: let it be the first objective of its phase."]
            : [];
        string[] ofPrecision =
            plan.Training.Precision == Precision.AsData
                ? []
                : ["steps by less than parameters of half precision can hold: take Precision.AsData."];
        return [.. plan.SeveralSources(), .. own, .. ofPrecision];
    }

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        LabeledBatch[] batches = [.. step.Labeled];
        step.NextKey().Random().Shuffle(batches);
        Tensor Risk(LabeledBatch batch)
        {
            var features = step.Extractor.For(batch.Domain).Extract(batch.Inputs);
            return SourceRisk.Of(step.Predictor.Predict(features), batch);
        }
        Tensor[] moved =
        [
            .. TrainingParts
                .Trainables([step.Extractor, step.Predictor])
                .SelectMany(part => part.Module.parameters())
                .Where(parameter => parameter.requires_grad)
                .Distinct<Tensor>(ReferenceEqualityComparer.Instance),
        ];
        var (risks, slopes) = Of([.. batches.Select(batch => (Func<Tensor>)(() => Risk(batch)))], moved);
        // Zero in value; its gradient is the slopes.
        var line = moved
            .Zip(slopes, (parameter, slope) => (parameter * slope).sum())
            .Aggregate(zeros_like(risks), (sum, next) => sum + next.to(sum.dtype));
        return risks + (line - line.detach());
    }

    /// <summary>The value and the slopes of some risks in a ring.</summary>
    /// <param name="risks">Computes the risk of each domain by the parameters as they are then; two at least.</param>
    /// <param name="parameters">What the risks depend on; they end as they began.</param>
    /// <returns>
    /// The value, a scalar, and a slope for each parameter, in its shape, all without gradient; the caller disposes
    /// them.
    /// </returns>
    public (Tensor Value, IReadOnlyList<Tensor> Slopes) Of(
        IReadOnlyList<Func<Tensor>> risks,
        IReadOnlyList<Tensor> parameters
    )
    {
        ArgumentNullException.ThrowIfNull(risks);
        ArgumentNullException.ThrowIfNull(parameters);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        Tensor[] before = [.. parameters.Select(parameter => parameter.detach().clone())];
        Tensor[] sums = [.. before.Select(kept => zeros_like(kept))];
        Tensor? value = null;
        for (var i = 0; i < risks.Count; i++)
        {
            var first = risks[i]();
            var slopes = Slopes(first, parameters);
            Tensor second;
            IReadOnlyList<Tensor> further;
            try
            {
                Move(parameters, slopes);
                second = risks[(i + 1) % risks.Count]();
                further = Slopes(second, parameters);
            }
            finally
            {
                PutBack(parameters, before);
            }
            var own = first.detach() + (second.detach() * Factor);
            value = value is null ? own : value + own;
            for (var p = 0; p < sums.Length; p++)
            {
                sums[p] = sums[p] + slopes[p] + (further[p] * Factor);
            }
        }
        double count = risks.Count;
        return (
            (value! / count).MoveToOuterDisposeScope(),
            [.. sums.Select(sum => (sum / count).MoveToOuterDisposeScope())]
        );
    }

    // Parameters that a risk does not reach get a slope of 0, and no tensor without a value.
    private static IReadOnlyList<Tensor> Slopes(Tensor risk, IReadOnlyList<Tensor> parameters)
    {
        if (!risk.requires_grad || parameters.Count == 0)
        {
            return [.. parameters.Select(parameter => zeros_like(parameter.detach()))];
        }
        var reaching = parameters.Aggregate(risk, (sum, parameter) => sum + (parameter.sum() * 0));
        return [.. autograd.grad([reaching], [.. parameters])];
    }

    private void Move(IReadOnlyList<Tensor> parameters, IReadOnlyList<Tensor> slopes)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        for (var p = 0; p < slopes.Count; p++)
        {
            var along = HasPlainSteps ? slopes[p] : slopes[p] / (slopes[p].abs() + 1e-8);
            parameters[p].sub_(along * Rate);
        }
    }

    private static void PutBack(IReadOnlyList<Tensor> parameters, Tensor[] before)
    {
        using var quiet = no_grad();
        for (var p = 0; p < before.Length; p++)
        {
            parameters[p].copy_(before[p]);
        }
    }
}
