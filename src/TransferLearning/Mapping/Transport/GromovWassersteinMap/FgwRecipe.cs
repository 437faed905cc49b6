using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Fused Gromov-Wasserstein transport (Vayer et al. 2019) of domains with the same features: rows move by what they
    /// cost, and neighbors stay together. A map for <c>Map</c>.
    /// </summary>
    /// <param name="structureShare">The share of distances within the domains, from 0 to 1.</param>
    /// <param name="regularization">The factor of the entropy; 0 for none.</param>
    public static OptimalTransport Fgw(double structureShare = 0.5, double regularization = 0) =>
        new(new GromovTransport(structureShare) { Regularization = regularization }) { NormalizesCost = true };
}
