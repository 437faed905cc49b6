using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// TJM (Long et al. 2014): as TCA, with source rows unlike the target losing their say. A map for <c>Map</c>.
    /// </summary>
    /// <param name="components">How many components. Null leaves the number to the map.</param>
    public static TransferJointMatching Tjm(int? components = null) => new() { Components = components };
}
