using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Kernel density ratio (Sugiyama and Kawanabe 2012): weights from kernel density estimates. A weighting for
    /// <c>Weight</c>.
    /// </summary>
    public static KernelDensityWeighting DensityReweighting() => new();
}
