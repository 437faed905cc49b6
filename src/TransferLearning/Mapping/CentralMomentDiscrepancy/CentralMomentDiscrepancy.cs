using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>CMD: the distance of two samples' means and central moments, feature by feature.</summary>
/// <remarks>
/// <c>||m_s - m_t|| / w + sum_(k=2..K) ||c_k(s) - c_k(t)|| / w^k</c> with <c>c_k = mean (x - m)^k</c> and w the width of the features' range
/// (Zellinger, Grubinger, Lughofer, Natschläger and Saminger-Platz 2017, "Central Moment Discrepancy for Domain-Invariant Representation
/// Learning"). Meant for bounded features, a sigmoid's for instance. Differentiable in both; where two moments coincide the norm's gradient is
/// taken as 0. Costs K n d.
/// </remarks>
public sealed record CentralMomentDiscrepancy : IDiscrepancy
{
    /// <summary>The highest moment K, at least 1. Default 5.</summary>
    public int Moments { get; init; } = 5;

    /// <summary>The width w of the features' range, positive. Default 1.</summary>
    public double RangeWidth { get; init; } = 1;

    /// <inheritdoc />
    public Tensor Between(Tensor source, Tensor target)
    {
        Guard.Pair(source, target);
        Guard.Positive(RangeWidth);
        ArgumentOutOfRangeException.ThrowIfLessThan(Moments, 1);
        using var scope = NewDisposeScope();
        var (sourceMean, targetMean) = (source.mean([0L]), target.mean([0L]));
        var total = (sourceMean - targetMean).norm() / RangeWidth;
        var (x, y) = (source - sourceMean, target - targetMean);
        for (var k = 2; k <= Moments; k++)
        {
            total += (x.pow(k).mean([0L]) - y.pow(k).mean([0L])).norm() / Math.Pow(RangeWidth, k);
        }
        return total.MoveToOuterDisposeScope();
    }
}
