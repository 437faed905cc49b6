using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>How well a search by similarity finds the rows of a query's class.</summary>
/// <remarks>
/// <para>
/// A query's average precision is the mean, over the rows of its class, of the share of that class among all rows that
/// are at least as similar to the query; the mean of it over queries is MAP. Precision at k is the share of the query's
/// class among the k most similar rows. Rows of equal similarity, frequent with short codes, have no order: the average
/// precision takes them together, as scikit-learn's does, and precision at k is the expected one of a random order.
/// Queries of whose class there is no row are left out, and <c>Queries</c> says how many were counted.
/// </para>
/// <para>
/// For binary codes let the similarity be <c>sign(u) sign(v)'</c>, which is d less twice the Hamming distance. Computed
/// in float64, on the similarities' device.
/// </para>
/// </remarks>
/// <param name="MeanAveragePrecision">MAP, from 0 to 1.</param>
/// <param name="PrecisionAtK">The mean precision at k, from 0 to 1.</param>
/// <param name="K">k.</param>
/// <param name="Queries">How many queries were counted.</param>
public readonly record struct RetrievalPrecision(double MeanAveragePrecision, double PrecisionAtK, int K, long Queries)
{
    /// <summary>Measures some searches.</summary>
    /// <param name="similarities">How similar each row is to each query, <c>[queries, n]</c>; larger is nearer.</param>
    /// <param name="queryLabels">The queries' class numbers, int64 <c>[queries]</c>.</param>
    /// <param name="labels">The rows' class numbers, int64 <c>[n]</c>.</param>
    /// <param name="k">How many rows precision at k looks at, from 1 to n.</param>
    /// <exception cref="ArgumentException">
    /// The shapes do not go together, a similarity is NaN, or no query has a row of its class.
    /// </exception>
    public static RetrievalPrecision Of(Tensor similarities, Tensor queryLabels, Tensor labels, int k)
    {
        Guard.Alive(similarities);
        Guard.Alive(queryLabels);
        Guard.Alive(labels);
        if (similarities.dim() != 2 || similarities.numel() == 0)
        {
            throw new ArgumentException(
                $"similarities must be [queries, n], at least one of each; got {Shape.Of(similarities)}.",
                nameof(similarities)
            );
        }
        Guard.Numbers(similarities);
        var (queries, n) = (similarities.shape[0], similarities.shape[1]);
        Check(queryLabels, queries, nameof(queryLabels));
        Check(labels, n, nameof(labels));
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, n);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var device = similarities.device;
        var isOfClass = labels.to(device).unsqueeze(0).eq(queryLabels.to(device).unsqueeze(1)).to(float64);
        var (sums, before, upTo, precisions) = Ranking.Of(similarities.to(float64), isOfClass);
        var counted = isOfClass.sum(1).gt(0).to(float64);
        var (above, below) = (before.narrow(1, k - 1, 1), upTo.narrow(1, k - 1, 1));
        var sure = sums.gather(1, above);
        var share = (sums.gather(1, below) - sure) / (below - above).to(float64);
        var atK = (sure + ((k - above).to(float64) * share)).squeeze(1) / k;
        var figures = stack([(precisions * counted).sum(), (atK * counted).sum(), counted.sum()]).cpu();
        var (map, near, count) = (figures[0].ToDouble(), figures[1].ToDouble(), figures[2].ToDouble());
        return count > 0
            ? new RetrievalPrecision(map / count, near / count, k, (long)count)
            : throw new ArgumentException("there is no row of any query's class.", nameof(queryLabels));
    }

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"MAP {MeanAveragePrecision:F3}, precision at {K} {PrecisionAtK:F3} of {Queries} queries"
        );

    private static void Check(Tensor labels, long rows, string name)
    {
        if (labels.dim() != 1 || labels.shape[0] != rows || labels.is_floating_point())
        {
            throw new ArgumentException($"{name} must be class numbers [{rows}]; got {Shape.Of(labels)}.", name);
        }
    }
}
