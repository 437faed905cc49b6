using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SCL (Blitzer, McDonald and Pereira 2006): pivot features tell which features of the domains correspond. A map
    /// for <c>Map</c>.
    /// </summary>
    /// <param name="components">How many components. Null leaves the number to the map.</param>
    public static StructuralCorrespondenceLearning Scl(int? components = null) => new() { Components = components };
}
