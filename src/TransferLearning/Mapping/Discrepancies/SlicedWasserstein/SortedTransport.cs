using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Transport on the line, column by column, by sorting.</summary>
internal static class SortedTransport
{
    /// <summary>
    /// <c>integral |F_x^(-1)(q) - F_y^(-1)(q)|^p dq</c> for each column of <c>[n, k]</c> and <c>[m, k]</c>, rows of one
    /// mass each.
    /// </summary>
    public static Tensor Between(Tensor x, Tensor y, double power)
    {
        var (sortedX, sortedY) = (x.sort(0).Values, y.sort(0).Values);
        var (n, m) = (x.shape[0], y.shape[0]);
        if (n == m)
        {
            return Powered(sortedX - sortedY, power).mean([0L]);
        }
        // Whole numbers: the levels i/n and j/m are i m and j n parts of n m.
        var levelsX = arange(1, n + 1, dtype: int64, device: x.device) * m;
        var levelsY = arange(1, m + 1, dtype: int64, device: x.device) * n;
        var levels = cat([levelsX, levelsY]).sort(0).Values;
        var steps = levels - cat([zeros(1, int64, x.device), levels.narrow(0, 0, n + m - 1)]);
        var gaps =
            sortedX.index_select(0, searchsorted(levelsX, levels))
            - sortedY.index_select(0, searchsorted(levelsY, levels));
        return (Powered(gaps, power) * (steps.to(x.dtype) / (n * m)).unsqueeze(1)).sum(dim: 0);
    }

    /// <summary>The same with weights <c>[n]</c> of the rows x in any scale, or null for none.</summary>
    public static Tensor Between(Tensor x, Tensor y, Tensor? weights, double power) =>
        weights is null ? Between(x, y, power) : Between(x, y, RowShares.Of(x, weights), RowShares.Of(y), power);

    /// <summary>The same for rows in float64 with masses <c>[n]</c> and <c>[m]</c> of sum 1.</summary>
    public static Tensor Between(Tensor x, Tensor y, Tensor xShares, Tensor yShares, double power)
    {
        var (sortedX, levelsX) = Sorted(x, xShares);
        var (sortedY, levelsY) = Sorted(y, yShares);
        var levels = cat([levelsX, levelsY], 1).sort(1).Values;
        var steps = levels - cat([zeros_like(levels.narrow(1, 0, 1)), levels.narrow(1, 0, levels.shape[1] - 1)], 1);
        Tensor At(Tensor sorted, Tensor own) =>
            sorted.gather(1, searchsorted(own, levels).clamp_max(sorted.shape[1] - 1));
        return (Powered(At(sortedX, levelsX) - At(sortedY, levelsY), power) * steps).sum(1);
    }

    // Columns as rows [k, n] in order, and the mass up to each value.
    private static (Tensor Sorted, Tensor Levels) Sorted(Tensor columns, Tensor shares)
    {
        var (sorted, order) = columns.t().sort(1);
        return (sorted, shares.index_select(0, order.reshape(-1)).reshape(order.shape).cumsum(1).contiguous());
    }

    private static Tensor Powered(Tensor gaps, double power) => power == 2 ? gaps.square() : gaps.abs().pow(power);
}
