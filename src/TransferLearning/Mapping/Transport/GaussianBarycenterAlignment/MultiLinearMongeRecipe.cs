using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Multi-source linear Monge (Gnassounou, Flamary and Gramfort 2023): every domain moves to the normal distribution
    /// between the sources. A map for <c>Map</c>.
    /// </summary>
    public static GaussianBarycenterAlignment MultiLinearMonge() => new();
}
