using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// KMM (Huang et al. 2006): weights under which the domains' kernel means agree. A weighting for <c>Weight</c>.
    /// </summary>
    public static KernelMeanMatching Kmm() => new();
}
