using MathNet.Numerics.Distributions;

namespace TransferLearning.Augmentation;

/// <summary>Draws of mixing shares.</summary>
internal static class MixingShare
{
    /// <summary>One draw from Beta(alpha, alpha).</summary>
    public static double Draw(double alpha, RandomKey key) => Beta.Sample(key.Random(), alpha, alpha);
}
