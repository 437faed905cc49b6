using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Gaussian density ratio (Shimodaira 2000): weights from one normal density a domain. A weighting for
    /// <c>Weight</c>.
    /// </summary>
    public static GaussianDensityWeighting GaussianReweighting() => new();
}
