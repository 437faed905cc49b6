using TransferLearning.Data;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>
/// How well the sources' classes stand apart in a representation: whether a row's nearest other row is of its class, by
/// leave-one-out over up to 1,000 rows.
/// </summary>
/// <remarks>It sees no target row and no target label, so it may be asked of any fit.</remarks>
internal static class ClassSeparation
{
    private const long MaxRows = 1000;
    private const long MaxNumbers = 8L << 20;

    /// <summary>
    /// Of the rows before and after a map, the share in which classes stand apart; null where the map keeps them as far
    /// apart as chance can tell.
    /// </summary>
    /// <remarks>
    /// Kept is a loss of at most two points, or one of fewer rows than twice its standard error (McNemar 1947): what
    /// few rows show proves nothing.
    /// </remarks>
    /// <param name="before">The domains before the map.</param>
    /// <param name="after">The same domains after it.</param>
    public static (double Before, double After)? Lost(DomainSet before, DomainSet after)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var width = Math.Max(RowShape.Of(before.Sources[0].Rows).Width, RowShape.Of(after.Sources[0].Rows).Width);
        var most = Math.Clamp(MaxNumbers / Math.Max(1, width), 2, MaxRows) / before.Sources.Count;
        var drawn = before.Sources.Select(source => Drawn(source.Count, Math.Max(2, most))).ToList();
        var labels = cat([
            .. before.Sources.Select((source, i) => source.Labels.index_select(0, drawn[i].to(source.Labels.device))),
        ]);
        var (first, second) = (Right(before, drawn, labels), Right(after, drawn, labels));
        var lost = first.logical_and(second.logical_not()).sum().item<long>();
        var gained = second.logical_and(first.logical_not()).sum().item<long>();
        var count = (double)labels.shape[0];
        return lost - gained > Math.Max(0.02 * count, 2 * Math.Sqrt(lost + gained))
            ? (first.sum().item<long>() / count, second.sum().item<long>() / count)
            : null;
    }

    /// <summary>The share of up to 1,000 rows whose nearest other row has their label.</summary>
    public static double Of(Tensor rows, Tensor labels)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var drawn = Drawn(rows.shape[0], Math.Clamp(MaxNumbers / Math.Max(1, rows.shape[1]), 2, MaxRows))
            .to(rows.device);
        var some = labels.index_select(0, drawn.to(labels.device));
        return Right(rows.index_select(0, drawn), some).to(float64).mean().item<double>();
    }

    private static Tensor Right(DomainSet domains, IReadOnlyList<Tensor> drawn, Tensor labels) =>
        Right(cat([.. domains.Sources.Select((source, i) => BatchedPass.Read(source.Rows, drawn[i]))]), labels);

    private static Tensor Right(Tensor rows, Tensor labels)
    {
        var wide = rows.to(float64);
        var centered = wide - wide.mean([0L]);
        var distances = cdist(centered, centered);
        distances.diagonal().fill_(double.PositiveInfinity);
        return labels.index_select(0, distances.argmin(1).to(labels.device)).eq(labels);
    }

    // Always the same rows, so that the same fit says the same.
    private static Tensor Drawn(long count, long most)
    {
        if (count <= most)
        {
            return arange(count, dtype: int64);
        }
        using var generator = new RandomKey(0).Generator();
        return randperm(count, dtype: int64, generator: generator).narrow(0, 0, most);
    }
}
