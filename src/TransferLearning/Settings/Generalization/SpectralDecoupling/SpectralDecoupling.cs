using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Settings;

/// <summary>
/// SD: the mean square of the scores, which keeps a few easy features from taking all of the loss's gradient.
/// </summary>
/// <remarks>
/// <c>1/n sum_i w_i 1/C sum_c z_ic^2</c> (Pezeshki, Kaba, Bengio, Courville, Precup and Lajoie 2021, "Gradient
/// Starvation: A Learning Proclivity in Neural Networks", equation 25, as a mean over classes as well, as in
/// DomainBed). The labeled batches' means are averaged. It goes beside a cross-entropy.
/// </remarks>
public sealed record SpectralDecoupling : IObjective
{
    /// <inheritdoc />
    public IEnumerable<string> Faults(ChainPlan plan) => plan.OfClasses();

    /// <inheritdoc />
    public BatchSplit Split => BatchSplit.Mean;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return stack([.. step.Labeled.Select(batch => Of(step.Scores(batch), batch.Weights))]).mean();
    }

    /// <summary>The mean square of some scores.</summary>
    /// <param name="scores">Logits <c>[n, C]</c>.</param>
    /// <param name="weights">Row weights <c>[n]</c> of mean 1, or null.</param>
    /// <returns>A scalar, differentiable in the scores; the caller disposes it.</returns>
    public static Tensor Of(Tensor scores, Tensor? weights = null)
    {
        Guard.Rows(scores);
        Guard.AliveOrNull(weights);
        using var scope = NewDisposeScope();
        var rows = scores.square().mean([1L]);
        return (weights is null ? rows : rows * weights.detach().to(rows.dtype)).mean().MoveToOuterDisposeScope();
    }
}
