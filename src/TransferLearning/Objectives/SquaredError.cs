using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Objectives;

/// <summary>Mean squared error of the labeled batches, for values instead of classes.</summary>
/// <remarks>
/// <c>mean_i w_i mean_k (y_ik - v_ik)^2</c>, averaged over the labeled batches. Example weights have mean 1 over their
/// domain.
/// </remarks>
public sealed record SquaredError : IObjective
{
    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Tensor? total = null;
        var batches = 0;
        foreach (var batch in step.Labeled)
        {
            var predicted = step.Scores(batch);
            var wanted = batch.Labels.reshape(predicted.shape[0], -1).to(predicted.dtype);
            if (wanted.shape[1] != predicted.shape[1])
            {
                throw new ArgumentException(
                    $"the predictor returns {Shape.Text(predicted.shape)} but the values are "
                        + $"{Shape.Text(wanted.shape)}."
                );
            }
            var rows = (predicted - wanted).square().mean([1L]);
            var loss = (batch.Weights is null ? rows : rows * batch.Weights.to(rows.dtype)).mean();
            total = total is null ? loss : total + loss;
            batches++;
        }
        return batches == 1 ? total! : total! / batches;
    }

    // What fits 0 and 1 by squares is no logit, which a label's probability is read from.
    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        plan.Domains.Space.IsMultiLabel
            ? [$"fits values; the labels are {plan.Domains.Space}. Use {nameof(BinaryCrossEntropy)}."]
            : [];
}
