using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// RTN's classification term: cross-entropy of the source's own classifier, which differs from the target's by a
/// residual that is learned along.
/// </summary>
/// <remarks>
/// <c>mean_i w_i CE(f_S(x_i), y_i)</c>, f_S what the residual makes of the predictor's scores f_T (Long, Zhu, Wang and
/// Jordan 2016, equation 1). The predictor itself learns through the residual and is the target's: a batch of labeled
/// target examples is read by f_T alone. The sources' means, and that of the labeled target batch where there is one,
/// are averaged. The residual must move: <c>net.Main.Move(residual)</c>.
/// </remarks>
/// <param name="residual">
/// From the target's scores <c>[n, C]</c> to the source's, the sum included: <see cref="ClassifierResidual"/>.
/// </param>
public sealed class ResidualCrossEntropy(ILabelPredictor residual) : IObjective
{
    private readonly ILabelPredictor residual = residual ?? throw new ArgumentNullException(nameof(residual));

    /// <summary>
    /// The share of every label that is spread evenly over all classes, from 0 to below 1. Default 0.
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double LabelSmoothing { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [residual];

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Guard.Options(this);
        var losses = step.Labeled.Select(batch =>
            CrossEntropy.Of(
                batch.Domain.IsTarget ? step.Scores(batch) : OfSource(step, batch),
                batch.Labels,
                batch.Weights,
                LabelSmoothing
            )
        );
        return stack([.. losses]).mean();
    }

    private Tensor OfSource(StepContext step, LabeledBatch batch)
    {
        var scores = step.Scores(batch);
        var perturbed = step.Scores(residual, scores);
        return perturbed.shape.SequenceEqual(scores.shape)
            ? perturbed
            : throw new ArgumentException(
                $"the residual must give as many scores as the predictor, {Shape.Text(scores.shape)}; it gave "
                    + $"{Shape.Text(perturbed.shape)}. new ClassifierResidual({scores.shape[^1]}) does.",
                nameof(step)
            );
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => plan.OfClasses();
}
