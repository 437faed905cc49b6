using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>M3SDA's moment distance: brings several sources and the target, and the sources among each other, to the same moments.</summary>
/// <remarks>
/// For N sources and k = 1 ... K: <c>sum_k ( 1/N sum_i ||E s_i^k - E t^k|| + 2 / (N (N - 1)) sum_{i &lt; j} ||E s_i^k - E s_j^k|| )</c> with powers entry by entry and Euclidean
/// norms (Peng, Bai, Xia, Huang, Saenko and Wang 2019, "Moment Matching for Multi-Source Domain Adaptation", equation 1, where K = 2). With one source the second sum is empty.
/// </remarks>
public sealed record MomentMatching : IObjective
{
    /// <summary>The highest moment K. Default 2, the paper's.</summary>
    public int Orders { get; init; } = 2;

    /// <inheritdoc />
    public Tensor Evaluate(StepContext step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return Between([.. step.Sources.Select(source => step.Features(source))], step.Features(step.Target));
    }

    /// <summary>The distance of some samples.</summary>
    /// <param name="sources">At least one sample of source features <c>[n_i, d]</c>.</param>
    /// <param name="target">Target features <c>[m, d]</c>.</param>
    /// <returns>A scalar, differentiable in all; the caller disposes it.</returns>
    public Tensor Between(IReadOnlyList<Tensor> sources, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentOutOfRangeException.ThrowIfLessThan(Orders, 1);
        if (sources.Count == 0)
        {
            throw new ArgumentException("at least one sample is needed.", nameof(sources));
        }
        foreach (var source in sources)
        {
            Guard.Pair(source, target, sourceName: nameof(sources), targetName: nameof(target));
        }
        using var scope = NewDisposeScope();
        var total = zeros([], target.dtype, target.device);
        for (var order = 1; order <= Orders; order++)
        {
            Tensor Moment(Tensor rows) => rows.pow(order).mean([0L]);
            var (ofTarget, moments) = (Moment(target), sources.Select(Moment).ToList());
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
        return total.MoveToOuterDisposeScope();
    }

    // Moments that agree have slope 0.
    private static Tensor Gap(Tensor a, Tensor b) => (a - b).square().sum().clamp_min(1e-30).sqrt();
}
