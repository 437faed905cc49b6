using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// Batch spectral penalization (BSP): holds down the largest singular values of the features, so that an adversary does
/// not make transfer rest on them alone.
/// </summary>
/// <remarks>
/// <c>sum_{i &lt;= k} sigma_i(F)^2</c> of each domain's batch of features F <c>[n, d]</c>, not centered, summed over
/// the domains (Chen, Wang, Long and Wang 2019, "Transferability vs. Discriminability: Batch Spectral Penalization for
/// Adversarial Domain Adaptation", equation 6). Made to go with an adversary. Computed in float64. Costs
/// <c>n d min(n, d)</c>.
/// </remarks>
public sealed record BatchSpectralPenalization : IObjective
{
    /// <summary>How many singular values k. Default 1, the paper's.</summary>
    [OptionRange(AtLeast = 1)]
    public int Count { get; init; } = 1;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return step
            .Sources.Select(source => OfRows(step.Features(source), source.Weights))
            .Append(OfRows(step.Features(step.Target)))
            .Aggregate((sum, next) => sum + next);
    }

    /// <summary>The term of one batch.</summary>
    /// <param name="features">Features <c>[n, d]</c>; k must not exceed the smaller of n and d.</param>
    /// <param name="weights">
    /// Weights <c>[n]</c> of the rows, in any scale, or null: a row counts as so many, with a mean of 1.
    /// </param>
    /// <returns>A scalar; the caller disposes it.</returns>
    public Tensor Of(Tensor features, Tensor? weights = null)
    {
        Guard.AliveOrNull(weights);
        Guard.Rows(features);
        var most = Math.Min(features.shape[0], features.shape[1]);
        Guard.Options(this);
        Limit.Keep(Most(most));
        using var scope = NewDisposeScope();
        var f = features.to(float64) * (RowShares.Of(features, weights) * features.shape[0]).sqrt().unsqueeze(1);
        var gram = features.shape[0] < features.shape[1] ? f.matmul(f.t()) : f.t().matmul(f);
        return linalg.eigvalsh(gram).narrow(0, most - Count, Count).sum().to(features.dtype).MoveToOuterDisposeScope();
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) =>
        Limit.Faults(plan.SourceBatches().Concat(plan.TargetBatch()).Distinct().Select(rows => Most(rows)));

    // The plan knows how many rows a step takes; the few of its trial have fewer singular values.
    private Tensor OfRows(Tensor features, Tensor? weights = null)
    {
        var own = Count <= features.shape[0] ? this : this with { Count = (int)features.shape[0] };
        return own.Of(features, weights);
    }

    private Limit Most(long? most) => new(nameof(Count), Count, most, "the smaller side of the features of a batch");
}
