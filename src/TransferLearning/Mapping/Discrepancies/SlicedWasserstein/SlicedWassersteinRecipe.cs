using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>Sliced Wasserstein distance (Bonneel et al. 2015). A discrepancy for <c>Align</c>.</summary>
    /// <param name="directions">How many directions are drawn. Default 128.</param>
    public static SlicedWasserstein SlicedWasserstein(int directions = 128) => new() { Directions = directions };
}
