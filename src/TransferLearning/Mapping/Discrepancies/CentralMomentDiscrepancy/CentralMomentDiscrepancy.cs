using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>CMD: the distance of two samples' means and central moments, feature by feature.</summary>
/// <remarks>
/// <c>||m_s - m_t|| / w + sum_(k=2..K) ||c_k(s) - c_k(t)|| / w^k</c> with <c>c_k = mean (x - m)^k</c> and w the width
/// of the features' range (Zellinger, Grubinger, Lughofer, Natschläger and Saminger-Platz 2017, "Central Moment
/// Discrepancy for Domain-Invariant Representation Learning"). The paper's features lie in an interval of length 1, a
/// sigmoid's for instance, and w is 1; of wider ones w is by default what both samples span, without which the high
/// moments would drown all else. Differentiable in both, w included, so that the distance is not made small by making
/// all features small; where two moments coincide the norm's gradient is taken as 0. Weights of the source's rows weigh
/// its means. Costs K n d. Computed in float64.
/// </remarks>
public sealed record CentralMomentDiscrepancy : IWeightedDiscrepancy
{
    /// <summary>The highest moment K, at least 1. Default 5.</summary>
    [OptionRange(AtLeast = 1)]
    public int Moments { get; init; } = 5;

    /// <summary>
    /// The width w of the features' range, positive; null, the default, takes the largest less the smallest entry of
    /// both samples, or 1 where that is less.
    /// </summary>
    [OptionRange(Above = 0)]
    public double? RangeWidth { get; init; }

    /// <inheritdoc />
    public Tensor Between(Tensor source, Tensor target) => Of(source, target, null);

    /// <inheritdoc />
    public Tensor BetweenWeighted(Tensor source, Tensor target, Tensor weights)
    {
        Guard.Alive(weights);
        return Of(source, target, weights);
    }

    private Tensor Of(Tensor source, Tensor target, Tensor? weights)
    {
        Guard.Pair(source, target);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var (s, t) = (source.to(float64), target.to(float64));
        var (ofSource, ofTarget) = (RowShares.Of(source, weights), RowShares.Of(target));
        var (sourceMean, targetMean) = (RowShares.Mean(s, ofSource), RowShares.Mean(t, ofTarget));
        var width = RangeWidth is { } given
            ? tensor(given, float64, s.device)
            : Span(Counted(s, sourceMean, ofSource), t);
        var total = (sourceMean - targetMean).norm() / width;
        var (x, y) = (s - sourceMean, t - targetMean);
        for (var k = 2; k <= Moments; k++)
        {
            total += (RowShares.Mean(x.pow(k), ofSource) - RowShares.Mean(y.pow(k), ofTarget)).norm() / width.pow(k);
        }
        return total.to(source.dtype).MoveToOuterDisposeScope();
    }

    // A row without weight takes no part in the range: the mean, which lies within it, stands for such a row.
    private static Tensor Counted(Tensor rows, Tensor mean, Tensor shares) =>
        where(shares.gt(0).unsqueeze(1), rows, mean);

    private static Tensor Span(Tensor source, Tensor target) =>
        (maximum(source.max(), target.max()) - minimum(source.min(), target.min())).clamp_min(1);
}
