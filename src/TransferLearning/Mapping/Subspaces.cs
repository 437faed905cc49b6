using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>The dimension of principal subspaces.</summary>
internal static class Subspaces
{
    /// <summary>The wanted number of axes, or half the width and at most 80, checked against what the rows can span.</summary>
    public static long Count(int? wanted, long sourceRows, long targetRows, long width, long maxOfWidth)
    {
        var max = Math.Min(maxOfWidth, Math.Min(sourceRows, targetRows) - 1);
        var count = wanted ?? Math.Max(1, Math.Min(Math.Min(width / 2, 80), max));
        if (count < 1 || count > max)
        {
            throw new ArgumentOutOfRangeException(
                "Components",
                count,
                $"Components must lie in 1 ... {max} for {sourceRows} source and {targetRows} target rows of width {width}; got {count}."
            );
        }
        return count;
    }
}
