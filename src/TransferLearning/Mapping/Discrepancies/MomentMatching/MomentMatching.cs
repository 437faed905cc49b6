using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// M3SDA's moment distance: brings several sources and the target, and the sources among each other, to the same
/// moments.
/// </summary>
/// <remarks>
/// For N sources and k = 1 ... K: <c>sum_k ( 1/N sum_i ||E s_i^k - E t^k|| + 2 / (N (N - 1)) sum_{i &lt; j} ||E s_i^k -
/// E s_j^k|| )</c> with powers entry by entry and Euclidean norms (Peng, Bai, Xia, Huang, Saenko and Wang 2019, "Moment
/// Matching for Multi-Source Domain Adaptation", equation 1, where K = 2). With one source the second sum is empty.
/// Computed in float64.
/// </remarks>
public sealed record MomentMatching : IObjective
{
    /// <summary>The highest moment K. Default 2, the paper's.</summary>
    [OptionRange(AtLeast = 1)]
    public int Orders { get; init; } = 2;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Between(
            [.. step.Sources.Select(source => step.Features(source))],
            step.Features(step.Target),
            [.. step.Sources.Select(source => source.Weights)]
        );
    }

    /// <summary>The distance of some samples.</summary>
    /// <param name="sources">At least one sample of source features <c>[n_i, d]</c>.</param>
    /// <param name="target">Target features <c>[m, d]</c>.</param>
    /// <param name="weights">
    /// Weights <c>[n_i]</c> of each source's rows, in any scale, or null for one or for all.
    /// </param>
    /// <returns>A scalar, differentiable in all; the caller disposes it.</returns>
    public Tensor Between(IReadOnlyList<Tensor> sources, Tensor target, IReadOnlyList<Tensor?>? weights = null)
    {
        ArgumentNullException.ThrowIfNull(sources);
        Guard.Options(this);
        if (sources.Count == 0)
        {
            throw new ArgumentException("at least one sample is needed.", nameof(sources));
        }
        foreach (var source in sources)
        {
            Guard.Pair(source, target, sourceName: nameof(sources), targetName: nameof(target));
        }
        if (weights is not null && weights.Count != sources.Count)
        {
            throw new ArgumentException(
                $"weights must be one entry for each of the {sources.Count} sources; got {weights.Count}.",
                nameof(weights)
            );
        }
        using var scope = NewDisposeScope();
        var shares = sources.Select((source, i) => RowShares.Of(source, weights?[i])).ToList();
        var total = zeros([], float64, target.device);
        for (var order = 1; order <= Orders; order++)
        {
            Tensor Moment(Tensor rows, Tensor own) => RowShares.Mean(rows.to(float64).pow(order), own);
            var ofTarget = Moment(target, RowShares.Of(target));
            var moments = sources.Zip(shares, Moment).ToList();
            foreach (var moment in moments)
            {
                total += Gap(moment, ofTarget) / sources.Count;
            }
            for (var i = 0; i < moments.Count; i++)
            {
                for (var j = i + 1; j < moments.Count; j++)
                {
                    total += Gap(moments[i], moments[j]) * (2.0 / (moments.Count * (moments.Count - 1)));
                }
            }
        }
        return total.to(target.dtype).MoveToOuterDisposeScope();
    }

    // Moments that agree have slope 0.
    private static Tensor Gap(Tensor a, Tensor b) => (a - b).square().sum().clamp_min(1e-30).sqrt();
}
