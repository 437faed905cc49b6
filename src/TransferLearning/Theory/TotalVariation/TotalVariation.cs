using System.Globalization;
using TransferLearning.Internal;
using TransferLearning.Predictors;
using static TorchSharp.torch;

namespace TransferLearning.Theory;

/// <summary>The total variation of two domains: the largest difference of the probability of any set of rows.</summary>
/// <remarks>
/// <c>TV = sup_A |P_T(A) - P_S(A)| = 1/2 sum |p - q|</c>, from 0 to 1; the variation divergence of Ben-David et al.
/// 2010 is <c>2 TV</c>. Of one feature it is read off histograms. Of many it cannot be estimated from any number of
/// rows without more being known (Batu et al. 2000; Ben-David et al. 2010, section 3), but every set bounds it from
/// below, the set that a classifier takes for the target's too.
/// </remarks>
public sealed record TotalVariation
{
    /// <summary>
    /// The bins of a histogram, which have as many rows of both domains each. At least 2. Default 10.
    /// </summary>
    [OptionRange(AtLeast = 2)]
    public int Bins { get; init; } = 10;

    /// <summary>The domain classifier of the lower bound. Default logistic regression.</summary>
    public ILabelLearner Classifier { get; init; } = new LogisticRegression();

    /// <summary>The folds by which rows are held out from the classifier, at least 2. Default 5.</summary>
    [OptionRange(AtLeast = 2)]
    public int Folds { get; init; } = 5;

    /// <summary>The confidence of the interval, from 0 to below 1. Default 0.95.</summary>
    [OptionRange(AtLeast = 0, Below = 1)]
    public double Confidence { get; init; } = 0.95;

    /// <summary>The seed of the folds. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>The total variation of two discrete distributions, <c>1/2 sum |p - q|</c>.</summary>
    /// <param name="shares">Shares or counts <c>[k]</c>, not negative; they are divided by their sum.</param>
    /// <param name="otherShares">The other's, for the same k values.</param>
    /// <returns>A number from 0 to 1.</returns>
    /// <exception cref="ArgumentException">They are not of one length, or sum to nothing.</exception>
    public static double Of(Tensor shares, Tensor otherShares)
    {
        Guard.Alive(shares);
        Guard.Alive(otherShares);
        if (shares.dim() != 1 || otherShares.dim() != 1 || shares.shape[0] != otherShares.shape[0])
        {
            throw new ArgumentException(
                $"shares and otherShares must be [k] of the same k values; got {Shape.Of(shares)} and "
                    + $"{Shape.Of(otherShares)}.",
                nameof(otherShares)
            );
        }
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (p, q) = (Distribution(shares, nameof(shares)), Distribution(otherShares, nameof(otherShares)));
        return (p - q).abs().sum().item<double>() / 2;
    }

    /// <summary>
    /// The average of <see cref="PerFeature"/> where the domains are alike, about
    /// <c>sqrt((b - 1) (1/n + 1/m) / (2 pi))</c>: what is not well above it says nothing.
    /// </summary>
    /// <param name="bins">The bins b.</param>
    /// <param name="sourceRows">The source's rows n.</param>
    /// <param name="targetRows">The target's rows m.</param>
    public static double Noise(int bins, long sourceRows, long targetRows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(sourceRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(targetRows, 1);
        return Math.Min(1, Math.Sqrt((bins - 1) * ((1.0 / sourceRows) + (1.0 / targetRows)) / (2 * Math.PI)));
    }

    /// <summary>The total variation of every feature by itself, from histograms.</summary>
    /// <remarks>
    /// Bins end at the quantiles of both domains' rows together, so that the unit does not matter; equal values are
    /// in one bin. What differs within a bin is not seen, and chance alone adds <see cref="Noise"/>.
    /// </remarks>
    /// <param name="source">Source rows <c>[n, d]</c>.</param>
    /// <param name="target">Target rows <c>[m, d]</c>.</param>
    /// <returns>A number from 0 to 1 for each of the d features.</returns>
    public IReadOnlyList<double> PerFeature(Tensor source, Tensor target)
    {
        Guard.Pair(source, target);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (s, t) = (Columns(source), Columns(target));
        var sorted = cat([s, t], 1).sort(1).Values;
        var count = sorted.shape[1];
        var ends = (arange(1, Bins, dtype: int64, device: s.device) * count).div(Bins, RoundingMode.floor);
        var edges = sorted.index_select(1, ends).contiguous();
        var gap = Histogram(s, edges) - Histogram(t, edges);
        return (gap.abs().sum(1) / 2).cpu().data<double>().ToArray();
    }

    /// <summary>
    /// A lower bound over all features: how much likelier a held-out target row is to be taken for the target's than a
    /// held-out source row, <c>P_T(A) - P_S(A) = 1 - (error on source + error on target)</c>.
    /// </summary>
    /// <param name="source">Source rows <c>[n, d]</c>, at least as many as folds.</param>
    /// <param name="target">Target rows <c>[m, d]</c>, at least as many as folds.</param>
    /// <returns>The bound from 0 to 1 with Newcombe's interval.</returns>
    public Estimate LowerBound(Tensor source, Tensor target)
    {
        Guard.Pair(source, target);
        Guard.Options(this);
        Limit.Keep(new Limit(nameof(Folds), Folds, source.shape[0], "the number of source rows"));
        Limit.Keep(new Limit(nameof(Folds), Folds, target.shape[0], "the number of target rows"));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var read = CrossFit.Classes(Classifier, CrossFit.Domains(source, target), Folds, new RandomKey(Seed));
        var (n, m) = (source.shape[0], target.shape[0]);
        Estimate Share(Tensor some) => Estimate.OfShare(some.sum().ToInt64(), some.shape[0], Confidence);
        return Share(read.narrow(0, n, m)).Minus(Share(read.narrow(0, 0, n))).Within(0, 1);
    }

    private static Tensor Distribution(Tensor shares, string name)
    {
        var wide = shares.to(float64);
        var sum = wide.sum().item<double>();
        return sum > 0 && double.IsFinite(sum) && wide.min().item<double>() >= 0
            ? wide / sum
            : throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} must not be negative, and sum to more than 0; got {sum}."
                ),
                name
            );
    }

    private static Tensor Columns(Tensor rows) => rows.to(float64).t().contiguous();

    // The shares of each row's values that lie between its edges.
    private static Tensor Histogram(Tensor columns, Tensor edges)
    {
        var bins = searchsorted(edges, columns, right: true);
        var counts = zeros([columns.shape[0], edges.shape[1] + 1], float64, columns.device);
        return counts.scatter_add_(1, bins, full_like(columns, 1.0 / columns.shape[1]));
    }
}
