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
        Guard.InRange(confidence, 0, 1);
        var z = Quantile(confidence);
        var (k, n, square) = ((double)hits, (double)count, z * z);
        var center = (k + (square / 2)) / (n + square);
        var half = z / (n + square) * Math.Sqrt((k * (n - k) / n) + (square / 4));
        return (Math.Max(0, center - half), Math.Min(1, center + half));
    }

    /// <summary>The normal quantile z of a two-sided interval.</summary>
    public static double Quantile(double confidence) => Normal.InvCDF(0, 1, (1 + confidence) / 2);
}
