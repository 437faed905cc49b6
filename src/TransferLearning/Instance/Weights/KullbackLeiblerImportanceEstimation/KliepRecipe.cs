using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// KLIEP (Sugiyama et al. 2008): a density ratio of least Kullback-Leibler divergence. A weighting for
    /// <c>Weight</c>.
    /// </summary>
    public static KullbackLeiblerImportanceEstimation Kliep() => new();
}
