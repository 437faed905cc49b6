using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Objectives;

/// <summary>Cross-entropy of the labeled batches, with label smoothing, soft labels and example weights.</summary>
/// <remarks>
/// For scores <c>z [n, C]</c> and label distributions <c>q [n, C]</c>:
/// <c>mean_i w_i (-sum_c q'_ic log softmax(z_i)_c)</c> with <c>q' = (1 - s) q + s / C</c> for smoothing <c>s</c>
/// (Szegedy et al. 2016, "Rethinking the Inception Architecture"; natural logarithm). Class numbers count as one-hot
/// <c>q</c>. Example weights have mean 1 over their domain, so that weighting does not change the term's scale. The
/// sources' means, and that of the labeled target batch where there is one, are averaged. Of maps of scores
/// <c>[n, C, h, w]</c> with a label for each place a row's loss is the mean over its places.
/// </remarks>
public sealed record CrossEntropy : IObjective
{
    /// <summary>
    /// The share <c>s</c> of every label that is spread evenly over all classes, from 0 to below 1. Default 0.
    /// </summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double LabelSmoothing { get; init; }

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
        Guard.Options(this);
        Tensor? total = null;
        var batches = 0;
        foreach (var batch in step.Labeled)
        {
            var loss = Of(step.Scores(batch), batch.Labels, step.RowWeights(Weights, batch), LabelSmoothing);
            total = total is null ? loss : total + loss;
            batches++;
        }
        return batches == 1 ? total! : total! / batches;
    }

    /// <summary>The cross-entropy of some scores.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>, or maps of them <c>[n, C, h, w]</c>.</param>
    /// <param name="labels">
    /// Class numbers, int64 <c>[n]</c> or <c>[n, h, w]</c>, or class probabilities of the scores' shape.
    /// </param>
    /// <param name="weights">Row weights <c>[n]</c>, or null. The mean is over rows, not over weights.</param>
    /// <param name="labelSmoothing">The share of every label that is spread evenly over all classes.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor labels, Tensor? weights = null, double labelSmoothing = 0)
    {
        Guard.Alive(scores);
        Guard.Alive(labels);
        Guard.AliveOrNull(weights);
        using var scope = NewDisposeScope();
        var rows = PerRow(scores, labels, labelSmoothing);
        if (weights is not null && !weights.shape.SequenceEqual(rows.shape))
        {
            throw new ArgumentException(
                $"weights must be one for each row, [{rows.shape[0]}]; got {Shape.Of(weights)}.",
                nameof(weights)
            );
        }
        return (weights is null ? rows : rows * weights.detach().to(rows.dtype)).mean().MoveToOuterDisposeScope();
    }

    /// <summary>The cross-entropy of every row, <c>[n]</c>; of maps the mean over a row's places.</summary>
    /// <inheritdoc cref="Of"/>
    public static Tensor PerRow(Tensor scores, Tensor labels, double labelSmoothing = 0)
    {
        Guard.Alive(scores);
        Guard.Alive(labels);
        Check(scores, labels);
        using var scope = NewDisposeScope();
        if (!labels.is_floating_point())
        {
            return OfRows(
                    nn.functional.cross_entropy(
                        scores,
                        labels,
                        reduction: nn.Reduction.None,
                        label_smoothing: labelSmoothing
                    )
                )
                .MoveToOuterDisposeScope();
        }
        var soft = labels.to(scores.dtype);
        if (labelSmoothing > 0)
        {
            soft = (soft * (1 - labelSmoothing)) + (labelSmoothing / scores.shape[1]);
        }
        return OfRows((soft * nn.functional.log_softmax(scores, 1)).sum(1).neg()).MoveToOuterDisposeScope();
    }

    private static Tensor OfRows(Tensor losses) => losses.dim() == 1 ? losses : losses.flatten(1).mean([1L]);

    private static void Check(Tensor scores, Tensor labels)
    {
        if (scores.dim() is not (2 or 4))
        {
            throw new ArgumentException(
                $"scores must be logits [n, C], or maps of them [n, C, h, w]; got {Shape.Of(scores)}.",
                nameof(scores)
            );
        }
        // The same places, without the classes.
        long[] numbers = [scores.shape[0], .. scores.shape[2..]];
        if (!labels.shape.SequenceEqual(labels.is_floating_point() ? scores.shape : numbers))
        {
            throw new ArgumentException(
                $"labels must be class numbers {Shape.Text(numbers)} or probabilities {Shape.Text(scores.shape)}; "
                    + $"got {Shape.Of(labels)}.",
                nameof(labels)
            );
        }
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        plan.OfClasses()
            .Select(fault =>
                $"{fault} Use {(plan.Domains.Space.IsMultiLabel ? nameof(BinaryCrossEntropy) : nameof(SquaredError))}."
            );
}
