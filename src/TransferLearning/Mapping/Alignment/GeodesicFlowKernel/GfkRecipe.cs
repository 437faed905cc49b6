using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// GFK (Gong et al. 2012): an inner product over all subspaces between the domains'. A map for <c>Map</c>.
    /// </summary>
    /// <param name="components">How many components. Null leaves the number to the map.</param>
    public static GeodesicFlowKernel Gfk(int? components = null) => new() { Components = components };
}
