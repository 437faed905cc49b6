using MathNet.Numerics.Distributions;

namespace TransferLearning.Augmentation;

/// <summary>Draws of mixing shares.</summary>
internal static class MixingShare
{
    /// <summary>One draw from Beta(alpha, alpha).</summary>
    public static double Draw(double alpha, RandomKey key) => Draw(alpha, key.Random());

    /// <summary>The next draw from Beta(alpha, alpha).</summary>
    public static double Draw(double alpha, Random random)
    {
        var share = Beta.Sample(random, alpha, alpha);
        // Of an alpha near 0 both numbers that it is a quotient of may round to 0: shares are 0 or 1 then, each as
        // often as the other.
        return double.IsNaN(share) ? random.Next(2) : share;
    }
}
