using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MTLF (Xu et al. 2017): source weights and a Mahalanobis distance, learned together, with a nearest neighbor. A
    /// stage for <c>Add</c>.
    /// </summary>
    public static MetricTransfer Mtlf() => new();
}
