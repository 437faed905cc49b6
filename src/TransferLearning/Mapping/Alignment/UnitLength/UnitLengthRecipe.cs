using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>Rows of unit length. A map for <c>Map</c>.</summary>
    public static UnitLength UnitLength() => new();
}
