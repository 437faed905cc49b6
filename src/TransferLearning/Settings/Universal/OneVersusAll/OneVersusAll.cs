using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// OVANet's source term: each class has a classifier of "of it" against "not of it", trained on rows of the class and
/// on the other class that is most easily taken for it.
/// </summary>
/// <remarks>
/// <c>mean_s w (-log p_y - min_(c != y) log(1 - p_c)) / 2</c>, p_c the softmax of class c's two logits (Saito and
/// Saenko 2021, "OVANet: One-vs-All Network for Universal Domain Adaptation", equation 1; the half is the authors'
/// program's). The labels are class numbers. The labeled batches' means are averaged.
/// </remarks>
/// <param name="heads">
/// Features to <c>[n, 2 C]</c>: C logits for "not of this class", then C for "of it".
/// </param>
public sealed class OneVersusAll(ILabelPredictor heads) : IObjective
{
    private readonly ILabelPredictor heads = heads ?? throw new ArgumentNullException(nameof(heads));

    /// <inheritdoc />
    public IEnumerable<IPart> Parts => [heads];

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return stack([.. step.Labeled.Select(batch => Of(Checked(step, batch), batch.Labels, batch.Weights))]).mean();
    }

    /// <summary>The term of some rows.</summary>
    /// <param name="scores">The heads' logits <c>[n, 2 C]</c>.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>.</param>
    /// <param name="weights">Row weights <c>[n]</c>, or null. The mean is over rows, not over weights.</param>
    /// <returns>A scalar, not negative, differentiable in the logits; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor labels, Tensor? weights = null)
    {
        OpenHeads.Check(scores);
        Guard.Alive(labels);
        Guard.AliveOrNull(weights);
        if (labels.is_floating_point() || labels.dim() != 1 || labels.shape[0] != scores.shape[0])
        {
            throw new ArgumentException(
                $"labels must be class numbers [{scores.shape[0]}]; got {Shape.Of(labels)}. Labels that a transform "
                    + "mixes are no class numbers.",
                nameof(labels)
            );
        }
        using var scope = NewDisposeScope();
        var margins = OpenHeads.Margins(scores);
        var own = nn.functional.softplus(margins.gather(1, labels.unsqueeze(1)).neg()).squeeze(1);
        var isOwn = nn.functional.one_hot(labels, margins.shape[1]).to(@bool);
        // Of one class alone there is no other, and the largest loss is 0.
        var (hardest, _) = nn.functional.softplus(margins).masked_fill(isOwn, 0).max(1);
        var rows = (own + hardest) / 2;
        return (weights is null ? rows : rows * weights.detach().to(rows.dtype)).mean().MoveToOuterDisposeScope();
    }

    // A label beyond the heads would be found by nobody but libtorch.
    private Tensor Checked(StepContext step, LabeledBatch batch)
    {
        var scores = step.Scores(heads, step.Features(batch));
        return scores.dim() == 2 && scores.shape[1] == 2 * batch.Space.Width
            ? scores
            : throw new ArgumentException(
                $"the one-versus-all classifiers give {Shape.Text(scores.shape)} for {batch.Space}: end them with "
                    + $"{2 * batch.Space.Width} outputs.",
                nameof(step)
            );
    }
}
