using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Objectives;

/// <summary>A discrepancy between source and target features, as a penalty.</summary>
/// <remarks>
/// With several sources, the discrepancies of each with the target are averaged. Example weights weigh the source's
/// rows, relative to their sum over the batch; a discrepancy that is no <see cref="IWeightedDiscrepancy"/> is refused
/// in the plan where there are some. A batch whose weights are all 0 adds nothing.
/// </remarks>
/// <param name="discrepancy">What is measured.</param>
/// <param name="onScores">Whether the predictor's scores are aligned instead of the features.</param>
public sealed class Alignment(IDiscrepancy discrepancy, bool onScores = false) : IObjective
{
    private readonly IDiscrepancy discrepancy = discrepancy ?? throw new ArgumentNullException(nameof(discrepancy));

    /// <inheritdoc />
    public string Name => discrepancy.GetType().Name;

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [discrepancy];

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var target = Rows(step, step.Target);
        Tensor? total = null;
        foreach (var source in step.Sources)
        {
            var gap = Gap(discrepancy, Rows(step, source), target, source.Weights);
            total = total is null ? gap : total + gap;
        }
        return step.Sources.Count == 1 ? total! : total! / step.Sources.Count;
    }

    /// <summary>The discrepancy of a source batch with its weights, if there are any, and a target batch.</summary>
    internal static Tensor Gap(IDiscrepancy discrepancy, Tensor source, Tensor target, Tensor? weights)
    {
        if (weights is null)
        {
            return discrepancy.Between(source, target);
        }
        if (discrepancy is not IWeightedDiscrepancy weighted)
        {
            throw new ArgumentException(
                $"{discrepancy.GetType().Name} cannot weigh the source's rows, and they have example weights: "
                    + $"take the weights away, or a discrepancy that is an {nameof(IWeightedDiscrepancy)}, "
                    + $"{nameof(IWeightedDiscrepancy.BetweenWeighted)}.",
                nameof(discrepancy)
            );
        }
        var gap = weighted.BetweenWeighted(source, target, weights);
        return gap * weights.sum().gt(0).to(gap.dtype);
    }

    private Tensor Rows(StepContext step, IBatch batch) => onScores ? step.Scores(batch) : step.Features(batch);
}
