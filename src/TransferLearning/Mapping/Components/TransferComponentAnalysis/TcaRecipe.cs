using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// TCA (Pan et al. 2011): components in which the domains' means agree and the variance is kept. A map for
    /// <c>Map</c>.
    /// </summary>
    /// <param name="components">How many components. Default 30.</param>
    public static TransferComponentAnalysis Tca(int components = 30) => new() { Components = components };
}
