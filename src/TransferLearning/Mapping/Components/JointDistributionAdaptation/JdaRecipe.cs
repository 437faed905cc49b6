using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// JDA (Long et al. 2013): components in which the domains' and the classes' means agree. A map for <c>Map</c>.
    /// </summary>
    /// <param name="components">How many components. Null leaves the number to the map.</param>
    public static JointDistributionAdaptation Jda(int? components = null) => new() { Components = components };
}
