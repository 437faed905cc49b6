using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// STA's similarity: for each known class a classifier of "of it" against the rest, trained on the source.
/// </summary>
/// <remarks>
/// <c>mean_s w sum_c BCE(sigmoid(h_c), y_c)</c> (Liu, Cao, Long, Wang and Yang 2019, "Separate to Adapt: Open Set
/// Domain Adaptation via Progressive Separation"). Where the labels' space has an unknown class, the last
/// one, the classifiers are of the others. The sources' means are averaged.
/// </remarks>
/// <param name="heads">Features to one logit a known class <c>[n, C]</c>.</param>
public sealed class ClassSimilarity(ILabelPredictor heads) : IObjective
{
    private readonly ILabelPredictor heads = heads ?? throw new ArgumentNullException(nameof(heads));

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [heads];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Tensor Risk(LabeledBatch batch)
        {
            var scores = Checked(step.Scores(heads, step.Features(batch)), batch);
            // Labels that a transform mixes may have a column for the unknown class, which no row has.
            var labels = batch.Labels.is_floating_point() ? batch.Labels.narrow(1, 0, scores.shape[1]) : batch.Labels;
            return Of(scores, labels, batch.Weights);
        }
        return stack([.. step.Sources.Select(Risk)]).mean();
    }

    /// <summary>The term of some rows.</summary>
    /// <param name="scores">The heads' logits <c>[n, C]</c>.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>, or class probabilities <c>[n, C]</c>.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null. The mean is over rows, not over weights.</param>
    /// <returns>A scalar, not negative, differentiable in the logits; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor labels, Tensor? weights = null)
    {
        Guard.Rows(scores);
        Guard.Alive(labels);
        Guard.AliveOrNull(weights);
        using var scope = NewDisposeScope();
        // BCE of a logit h with label y is softplus(h) - y h.
        var rows = (nn.functional.softplus(scores) - (RowLabels.Of(labels, scores) * scores)).sum(1);
        return (weights is null ? rows : rows * weights.detach().to(rows.dtype)).mean().MoveToOuterDisposeScope();
    }

    private static Tensor Checked(Tensor scores, LabeledBatch batch)
    {
        var width = batch.Space.Width;
        return scores.dim() == 2 && (scores.shape[1] == width - 1 || scores.shape[1] == width)
            ? scores
            : throw new ArgumentException(
                $"the classifiers of similarity give {Shape.Text(scores.shape)} for {batch.Space}: end them with one "
                    + "output for each known class.",
                nameof(scores)
            );
    }
}
