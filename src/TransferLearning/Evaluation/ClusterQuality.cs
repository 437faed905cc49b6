using System.Globalization;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Evaluation;

/// <summary>How well groups of rows, found without labels, agree with classes that are known afterwards.</summary>
/// <remarks>
/// From the table of how many rows <c>n_ij</c> of class j are in cluster i, whatever the clusters' numbers. Purity
/// grows with the number of clusters, to 1 where each row has its own; the other two count that against it.
/// </remarks>
/// <param name="Purity">
/// <c>sum_i max_j n_ij / n</c>: the accuracy where each cluster is named after its most frequent class. Above 0, at
/// most 1.
/// </param>
/// <param name="NormalizedMutualInformation">
/// NMI, <c>2 I / (H_clusters + H_classes)</c>, from 0 to 1; 1 where both have one group alone (Strehl and Ghosh 2002,
/// "Cluster Ensembles", here with the mean of the entropies, as scikit-learn has it).
/// </param>
/// <param name="AdjustedRandIndex">
/// ARI: the share of pairs of rows on which both agree, less what chance gives; 1 where they are the same, about 0
/// where they have nothing in common, and it may be below (Hubert and Arabie 1985, "Comparing Partitions").
/// </param>
/// <param name="Clusters">How many clusters have rows.</param>
/// <param name="Rows">How many rows there are.</param>
public readonly record struct ClusterQuality(
    double Purity,
    double NormalizedMutualInformation,
    double AdjustedRandIndex,
    int Clusters,
    long Rows
)
{
    /// <summary>Judges some clusters.</summary>
    /// <param name="clusters">
    /// The rows' clusters, int64 <c>[n]</c>, at least one row; any numbers of at least 0.
    /// </param>
    /// <param name="labels">The rows' class numbers, int64 <c>[n]</c>.</param>
    /// <exception cref="ArgumentException">The tensors are no whole numbers <c>[n]</c> of one length.</exception>
    public static ClusterQuality Of(Tensor clusters, Tensor labels)
    {
        Guard.Alive(clusters);
        Guard.Alive(labels);
        Check(clusters, clusters.numel(), nameof(clusters));
        Check(labels, clusters.numel(), nameof(labels));
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        // Numbers may be far apart: a table has only those that occur.
        var (ofClusters, rows) = Numbered(clusters);
        var (ofLabels, columns) = Numbered(labels);
        var table = ((ofClusters * columns) + ofLabels).bincount(null, rows * columns).reshape(rows, columns);
        var n = clusters.shape[0];
        var (bySize, byClass) = (table.sum(1), table.sum(dim: 0));
        var purity = (double)table.amax([1L]).sum().item<long>() / n;
        var (first, second) = (Entropy(bySize, n), Entropy(byClass, n));
        var information = Math.Max(0, first + second - Entropy(table.reshape(-1), n));
        var nmi = first + second > 0 ? Math.Min(1, 2 * information / (first + second)) : 1;
        var (both, inClusters, inClasses) = (Pairs(table), Pairs(bySize), Pairs(byClass));
        var all = (double)n * (n - 1) / 2;
        var chance = all > 0 ? inClusters * inClasses / all : 0;
        var room = ((inClusters + inClasses) / 2) - chance;
        // Both are one group alone, or nothing but single rows: the same partition.
        var rand = room > 0 ? (both - chance) / room : 1;
        return new ClusterQuality(purity, nmi, rand, (int)rows, n);
    }

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"purity {Purity:F3}, NMI {NormalizedMutualInformation:F3}, ARI {AdjustedRandIndex:F3}, "
                + $"{Clusters} clusters of {Rows} rows"
        );

    private static (Tensor Numbers, long Count) Numbered(Tensor given)
    {
        var (values, numbers, _) = given.cpu().to(int64).unique(return_inverse: true);
        return (numbers!, values.shape[0]);
    }

    private static double Entropy(Tensor counts, long n)
    {
        var shares = counts.masked_select(counts.gt(0)).to(float64) / n;
        return -(shares * shares.log()).sum().item<double>();
    }

    private static double Pairs(Tensor counts)
    {
        var each = counts.to(float64);
        return (each * (each - 1)).sum().item<double>() / 2;
    }

    private static void Check(Tensor numbers, long rows, string name)
    {
        if (numbers.dim() != 1 || numbers.shape[0] != rows || rows == 0 || !IsWhole(numbers.dtype))
        {
            throw new ArgumentException(
                $"{name} must be whole numbers [{(rows == 0 ? "n" : rows)}], one a row and at least one row; got "
                    + $"{Shape.Of(numbers)}.",
                name
            );
        }
    }

    private static bool IsWhole(ScalarType type) =>
        type is ScalarType.Int64 or ScalarType.Int32 or ScalarType.Int16 or ScalarType.Byte or ScalarType.Int8;
}
