using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SFA (Pan et al. 2010): features of one domain are grouped by the shared features that they go with. A map for
    /// <c>Map</c>.
    /// </summary>
    /// <param name="components">How many components. Null leaves the number to the map.</param>
    public static SpectralFeatureAlignment Sfa(int? components = null) => new() { Components = components };
}
