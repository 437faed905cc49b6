namespace TransferLearning.Internal;

/// <summary>
/// Runs of 64 to 4,096 neighboring rows, short enough that what is made of one stays near 4 MiB, in the processor's
/// cache.
/// </summary>
internal static class RowBlocks
{
    private const long MinRows = 64;
    private const long MaxRows = 4096;
    private const long Bytes = 4L << 20;

    /// <summary>
    /// The runs in order: one empty run where there are no rows, so that shapes and dtypes come out all the same.
    /// </summary>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="width">How many float64 numbers a row takes while it is worked on.</param>
    public static IEnumerable<(long Start, long Count)> Of(long rows, long width)
    {
        var length = Length(width);
        for (long start = 0; start == 0 || start < rows; start += length)
        {
            yield return (start, Math.Min(length, rows - start));
        }
    }

    /// <summary>How many rows a run has, where there are so many.</summary>
    /// <param name="width">How many float64 numbers a row takes while it is worked on.</param>
    public static long Length(long width) =>
        Math.Clamp(Bytes / (sizeof(double) * Math.Max(1, width)), MinRows, MaxRows);
}
