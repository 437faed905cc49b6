using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// JGSA (Zhang, Li and Ogunbona 2017): one projection a domain, near each other, in which means agree and classes
    /// stand apart. A map for <c>Map</c>.
    /// </summary>
    /// <param name="components">How many components. Null leaves the number to the map.</param>
    public static JointGeometricalAndStatisticalAlignment Jgsa(int? components = null) =>
        new() { Components = components };
}
