using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Objectives;

/// <summary>
/// Binary cross-entropy of the labeled batches, label by label: for rows of which each may have any of several labels
/// (<see cref="LabelSpace.MultiLabel(long)"/>).
/// </summary>
/// <remarks>
/// For scores <c>z [n, k]</c> and labels y, 0 or 1 or between: <c>mean_i w_i mean_c -(y_ic log s(z_ic) + (1 - y_ic)
/// log(1 - s(z_ic)))</c> with the logistic function s, natural logarithms. Example weights have mean 1 over their
/// domain. The sources' means, and that of the labeled target batch where there is one, are averaged.
/// </remarks>
public sealed record BinaryCrossEntropy : IObjective
{
    /// <summary>Further row weights that depend on the step, or null.</summary>
    public IRowWeights? Weights { get; init; }

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => Weights is null ? [] : [Weights];

    /// <inheritdoc />
    public BatchSplit Split => Weights is null ? BatchSplit.Mean : BatchSplit.Gathered;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Tensor? total = null;
        var batches = 0;
        foreach (var batch in step.Labeled)
        {
            var loss = Of(step.Scores(batch), batch.Labels, step.RowWeights(Weights, batch));
            total = total is null ? loss : total + loss;
            batches++;
        }
        return batches == 1 ? total! : total! / batches;
    }

    /// <summary>The binary cross-entropy of some scores.</summary>
    /// <param name="scores">Logits <c>[n, k]</c>.</param>
    /// <param name="labels">Numbers from 0 to 1, of a floating dtype, <c>[n, k]</c>; <c>[n]</c> where k is 1.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null. The mean is over rows, not over weights.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor labels, Tensor? weights = null)
    {
        Guard.Rows(scores);
        Guard.Alive(labels);
        Guard.AliveOrNull(weights);
        if (!labels.is_floating_point() || labels.shape[0] != scores.shape[0] || labels.numel() != scores.numel())
        {
            throw new ArgumentException(
                $"labels must be numbers from 0 to 1, {Shape.Text(scores.shape)} as the scores; got "
                    + $"{Shape.Of(labels)}.",
                nameof(labels)
            );
        }
        using var scope = NewDisposeScope();
        var wanted = labels.reshape(scores.shape).to(scores.dtype);
        var rows = nn
            .functional.binary_cross_entropy_with_logits(scores, wanted, reduction: nn.Reduction.None)
            .mean([1L]);
        return (weights is null ? rows : rows * weights.detach().to(rows.dtype)).mean().MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan)
    {
        var space = plan.Domains.Space;
        if (!space.IsMultiLabel)
        {
            yield return "is of rows that have any of several labels, LabelSpace.MultiLabel(...); the labels are "
                + $"{space}. Use {(space.IsClasses ? nameof(CrossEntropy) : nameof(SquaredError))}.";
        }
    }
}
