using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SA (Fernando et al. 2013): the source's principal axes are turned onto the target's. A map for <c>Map</c>.
    /// </summary>
    /// <param name="components">How many components. Null leaves the number to the map.</param>
    public static SubspaceAlignment Sa(int? components = null) => new() { Components = components };
}
