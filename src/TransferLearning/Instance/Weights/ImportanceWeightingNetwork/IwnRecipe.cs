using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// IWN (de Mathelin et al. 2022): a network whose weights make the domains' kernel means agree. A weighting for
    /// <c>Weight</c>.
    /// </summary>
    public static ImportanceWeightingNetwork Iwn() => new();
}
