using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// IRM: the penalty of a predictor that some source would rescale, because it is not the best for all sources at once.
/// </summary>
/// <remarks>
/// <para>
/// For scores z and label distributions y of a source, the slope of its risk in a factor of the scores is
/// <c>g = d/ds mean_i w_i CE(s z_i, y_i) at s = 1 = mean_i w_i sum_c (softmax(z_i)_c - y_ic) z_ic</c>; the penalty is
/// the mean over the sources of <c>g^2</c> (Arjovsky, Bottou, Gulrajani and Lopez-Paz 2019, "Invariant Risk
/// Minimization", IRMv1). It goes beside a loss of the labeled rows.
/// </para>
/// <para>
/// The square of a batch's slope is larger than the square of the slope of all rows. DomainBed multiplies the slopes of
/// two halves of the batch instead, the even and the odd rows, which is right on average and may be negative; so does
/// this, unless <see cref="IsSquared"/> is set. The authors' programs square the slope of all rows of a source at once.
/// </para>
/// </remarks>
public sealed record InvariantRisk : IObjective
{
    /// <summary>
    /// Whether the slope of all rows is squared, as in the paper and its authors' programs. Default false: the slopes
    /// of the even and of the odd rows are multiplied, as in DomainBed.
    /// </summary>
    public bool IsSquared { get; init; }

    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return stack([.. step.Sources.Select(batch => Of(step.Scores(batch), batch.Labels, batch.Weights, IsSquared))])
            .mean();
    }

    /// <summary>The penalty of one source.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>, n at least 2.</param>
    /// <param name="labels">Class numbers, int64 <c>[n]</c>, or class probabilities <c>[n, C]</c>.</param>
    /// <param name="weights">Row weights <c>[n]</c> of mean 1, or null.</param>
    /// <param name="isSquared">Whether the slope of all rows is squared.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor labels, Tensor? weights = null, bool isSquared = false)
    {
        Guard.Rows(scores, 2);
        Guard.Alive(labels);
        Guard.AliveOrNull(weights);
        using var scope = NewDisposeScope();
        var rows = ((scores.softmax(1) - RowLabels.Of(labels, scores)) * scores).sum(1);
        rows = weights is null ? rows : rows * weights.detach().to(rows.dtype);
        if (isSquared)
        {
            return rows.mean().square().MoveToOuterDisposeScope();
        }
        var n = scores.shape[0];
        var (even, odd) = (rows.slice(0, 0, n, 2), rows.slice(0, 1, n, 2));
        return (even.mean() * odd.mean()).MoveToOuterDisposeScope();
    }
}
