using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>mSDA (Chen et al. 2012): stacked denoising layers in closed form. A map for <c>Map</c>.</summary>
    /// <param name="corruption">The chance that a feature is struck out. Default 0.5.</param>
    /// <param name="layers">The number of layers. Default 5, as in the paper.</param>
    public static MarginalizedDenoisingAutoencoder Msda(double corruption = 0.5, int layers = 5) =>
        new() { Corruption = corruption, Layers = layers };
}
