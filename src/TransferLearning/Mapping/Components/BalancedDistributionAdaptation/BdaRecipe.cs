using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// BDA (Wang et al. 2017): JDA with a balance between the domains' means and the classes'. A map for <c>Map</c>.
    /// </summary>
    /// <param name="components">How many components. Null leaves the number to the map.</param>
    /// <param name="balance">The share of the classes' means, from 0 to 1. Default 0.5.</param>
    public static BalancedDistributionAdaptation Bda(int? components = null, double balance = 0.5) =>
        new() { Components = components, Balance = balance };

    /// <summary>
    /// W-BDA (Wang et al. 2017): as <see cref="Bda"/>, with classes weighed by their shares in each domain. A map for
    /// <c>Map</c>.
    /// </summary>
    /// <param name="components">How many components. Null leaves the number to the map.</param>
    /// <param name="balance">The share of the classes' means, from 0 to 1. Default 0.5.</param>
    public static BalancedDistributionAdaptation Wbda(int? components = null, double balance = 0.5) =>
        new()
        {
            Components = components,
            Balance = balance,
            WeighsClasses = true,
        };
}
