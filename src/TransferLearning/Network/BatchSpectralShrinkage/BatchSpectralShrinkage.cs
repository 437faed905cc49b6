using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Network;

/// <summary>
/// BSS: holds down the smallest singular values of the features, in which fine-tuning drags along what does not
/// transfer.
/// </summary>
/// <remarks>
/// <c>sum of the k smallest sigma_i(F)^2</c> of the min(n, d) singular values of each labeled batch of features F
/// <c>[n, d]</c>, not centered, averaged over the batches (Chen, Wang, Fu, Long and Wang 2019, "Catastrophic Forgetting
/// Meets Negative Transfer: Batch Spectral Shrinkage for Safe Transfer Learning", equation 5). The authors weigh it by
/// 0.001. Computed in float64. Costs <c>n d min(n, d)</c>.
/// </remarks>
public sealed record BatchSpectralShrinkage : IObjective
{
    /// <summary>How many singular values k. Default 1, the authors'.</summary>
    [OptionRange(AtLeast = 1)]
    public int Count { get; init; } = 1;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var terms = step.Labeled.Select(batch => OfRows(step.Features(batch), batch.Weights)).ToList();
        return terms.Aggregate((sum, next) => sum + next) / terms.Count;
    }

    /// <summary>The term of one batch.</summary>
    /// <param name="features">Features <c>[n, d]</c>; k must not exceed the smaller of n and d.</param>
    /// <param name="weights">
    /// Weights <c>[n]</c> of the rows, in any scale, or null: a row counts as so many, with a mean of 1.
    /// </param>
    /// <returns>A scalar, differentiable in the features; the caller disposes it.</returns>
    public Tensor Of(Tensor features, Tensor? weights = null)
    {
        Guard.AliveOrNull(weights);
        Guard.Rows(features);
        Guard.Options(this);
        Limit.Keep(Most(Math.Min(features.shape[0], features.shape[1])));
        using var scope = NewDisposeScope();
        var f = features.to(float64) * (RowShares.Of(features, weights) * features.shape[0]).sqrt().unsqueeze(1);
        var gram = features.shape[0] < features.shape[1] ? f.matmul(f.t()) : f.t().matmul(f);
        return linalg.eigvalsh(gram).narrow(0, 0, Count).sum().to(features.dtype).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        Limit.Faults(plan.SourceBatches().Concat(plan.FewBatch()).Distinct().Select(rows => Most(rows)));

    // The plan knows how many rows a step takes; the few of its trial have fewer singular values.
    private Tensor OfRows(Tensor features, Tensor? weights)
    {
        var own = Count <= features.shape[0] ? this : this with { Count = (int)features.shape[0] };
        return own.Of(features, weights);
    }

    private Limit Most(long? most) => new(nameof(Count), Count, most, "the smaller side of the features of a batch");
}
