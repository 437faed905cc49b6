using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MEDA (Wang et al. 2018): the geodesic flow kernel, then a classifier that aligns the domains in an estimated
    /// balance. A stage for <c>Add</c>.
    /// </summary>
    /// <param name="components">How many components. Null leaves the number to the map.</param>
    public static ManifoldEmbeddedDistributionAlignment Meda(int? components = null) =>
        new() { Components = components };
}
