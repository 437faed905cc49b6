using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Balanced weighting (Wu and Dietterich 2004): source and labeled target rows get fixed shares of all weight. A
    /// stage for <c>Add</c>.
    /// </summary>
    /// <param name="targetShare">The share of all weight that the target rows get. Default 0.5.</param>
    public static BalancedWeighting BalancedWeighting(double targetShare = 0.5) => new() { TargetShare = targetShare };
}
