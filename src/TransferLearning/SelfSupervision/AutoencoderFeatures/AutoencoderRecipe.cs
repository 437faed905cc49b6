using TransferLearning.SelfSupervision;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Autoencoder features: the hidden layer of a network that rebuilds rows without labels. A map for <c>Map</c>.
    /// </summary>
    /// <param name="components">The width of the hidden layer. Default 64.</param>
    /// <param name="penalty">The penalty on squared weights. Default 1e-3.</param>
    public static AutoencoderFeatures Autoencoder(int components = 64, double penalty = 1e-3) =>
        new() { Components = components, Penalty = penalty };
}
