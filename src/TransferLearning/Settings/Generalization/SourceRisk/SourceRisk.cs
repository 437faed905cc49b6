using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>The mean risk of the labeled domains, each counted once: what ERM minimizes.</summary>
/// <remarks>
/// <c>1/K sum_k R_k</c> with <c>R_k = 1/n_k sum_i w_i l_i</c> over the batch of domain k. The loss l is the
/// cross-entropy for classes (natural logarithm), the binary one for rows of any of several labels, and the mean
/// squared error of a row's values for values. Example weights have mean 1 over their domain. A small domain counts as
/// much as a large one (Gulrajani and Lopez-Paz 2021, "In Search of Lost Domain Generalization", where it is the
/// algorithm ERM; Vapnik 1998). Labeled target rows, where the run has some, are one more domain.
/// </remarks>
public sealed record SourceRisk : IObjective
{
    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return All(step).mean();
    }

    /// <summary>The risk of one batch.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>, or values <c>[n, k]</c>.</param>
    /// <param name="batch">The batch, with labels and weights.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, LabeledBatch batch)
    {
        Guard.Alive(scores);
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Space.IsClasses)
        {
            return CrossEntropy.Of(scores, batch.Labels, batch.Weights);
        }
        if (batch.Space.IsMultiLabel)
        {
            return BinaryCrossEntropy.Of(scores, batch.Labels, batch.Weights);
        }
        using var scope = NewDisposeScope();
        var wanted = batch.Labels.reshape(batch.Labels.shape[0], -1).to(scores.dtype);
        if (!wanted.shape.SequenceEqual(scores.shape))
        {
            throw new ArgumentException(
                $"scores must be the values' shape {Shape.Text(wanted.shape)}; got " + $"{Shape.Of(scores)}.",
                nameof(scores)
            );
        }
        var rows = (scores - wanted).square().mean([1L]);
        return (batch.Weights is null ? rows : rows * batch.Weights.to(rows.dtype)).mean().MoveToOuterDisposeScope();
    }

    /// <summary>The risks of all labeled batches of a step, <c>[K]</c>. Opens no scope.</summary>
    internal static Tensor All(StepContext step) =>
        stack([.. step.Labeled.Select(batch => Of(step.Scores(batch), batch))]);
}
