using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Transport on the line, column by column, by sorting.</summary>
internal static class SortedTransport
{
    /// <summary><c>integral |F_x^(-1)(q) - F_y^(-1)(q)|^p dq</c> for each column of <c>[n, k]</c> and <c>[m, k]</c>, rows of one mass each.</summary>
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

    /// <summary>The same for single columns <c>[n]</c> and <c>[m]</c> with masses of sum 1.</summary>
    public static Tensor Between(Tensor x, Tensor y, Tensor xWeights, Tensor yWeights, double power)
    {
        var (sortedX, orderX) = x.sort(0);
        var (sortedY, orderY) = y.sort(0);
        var levelsX = xWeights.index_select(0, orderX).cumsum(0);
        var levelsY = yWeights.index_select(0, orderY).cumsum(0);
        var levels = cat([levelsX, levelsY]).sort(0).Values;
        var steps = levels - cat([zeros(1, levels.dtype, levels.device), levels.narrow(0, 0, levels.shape[0] - 1)]);
        var gaps =
            sortedX.index_select(0, searchsorted(levelsX, levels).clamp_max(x.shape[0] - 1))
            - sortedY.index_select(0, searchsorted(levelsY, levels).clamp_max(y.shape[0] - 1));
        return (Powered(gaps, power) * steps).sum();
    }

    private static Tensor Powered(Tensor gaps, double power) => power == 2 ? gaps.square() : gaps.abs().pow(power);
}
