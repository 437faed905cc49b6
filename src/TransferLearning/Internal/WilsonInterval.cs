using MathNet.Numerics.Distributions;

namespace TransferLearning.Internal;

/// <summary>
/// Wilson's score interval of a share (Wilson 1927): for k of n and the normal quantile z,
/// <c>(k + z^2/2) / (n + z^2) +- z / (n + z^2) sqrt(k (n - k) / n + z^2/4)</c>, within 0 and 1.
/// </summary>
internal static class WilsonInterval
{
    public static (double Lower, double Upper) Of(long hits, long count, double confidence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(hits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hits, count);
        return Around(hits, count, confidence);
    }

    /// <summary>The interval of a share by a number of rows that need not be whole, positive.</summary>
    public static (double Lower, double Upper) OfShare(double share, double count, double confidence) =>
        Around(share * count, count, confidence);

    /// <summary>The normal quantile z of a two-sided interval.</summary>
    public static double Quantile(double confidence) => Normal.InvCDF(0, 1, (1 + confidence) / 2);

    private static (double Lower, double Upper) Around(double k, double n, double confidence)
    {
        Guard.InRange(confidence, 0, 1);
        var z = Quantile(confidence);
        var square = z * z;
        var center = (k + (square / 2)) / (n + square);
        var half = z / (n + square) * Math.Sqrt((k * (n - k) / n) + (square / 4));
        return (Math.Max(0, center - half), Math.Min(1, center + half));
    }
}
