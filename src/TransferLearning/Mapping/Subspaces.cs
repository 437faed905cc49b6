using TransferLearning.Internal;

namespace TransferLearning.Mapping;

/// <summary>The dimension of principal subspaces.</summary>
internal static class Subspaces
{
    /// <summary>
    /// The wanted number of axes, or half the width and at most 80, checked against what the rows can span.
    /// </summary>
    public static long Count(int? wanted, long sourceRows, long targetRows, long width, long maxOfWidth)
    {
        var count = wanted ?? Usual(sourceRows, targetRows, width, maxOfWidth);
        Limit.Keep(Most(count, sourceRows, targetRows, maxOfWidth));
        return count;
    }

    /// <summary>Half the width, at most 80, and no more than the rows can span.</summary>
    public static long Usual(long sourceRows, long targetRows, long width, long maxOfWidth) =>
        Math.Max(1, Math.Min(Math.Min(width / 2, 80), Math.Min(maxOfWidth, Math.Min(sourceRows, targetRows) - 1)));

    /// <summary>The limit of the wanted number of axes.</summary>
    public static Limit Most(long? wanted, long sourceRows, long targetRows, long? maxOfWidth)
    {
        var ofRows = Math.Min(sourceRows, targetRows) - 1;
        return new(
            "Components",
            wanted,
            Math.Min(maxOfWidth ?? ofRows, ofRows),
            $"what {sourceRows} source and {targetRows} target rows{(maxOfWidth is null ? "" : " of this width")} can "
                + "span"
        );
    }
}
