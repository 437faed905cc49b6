using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// WANN (de Mathelin et al. 2021): a regressor and source weights, both networks, trained against an opponent. A
    /// stage for <c>Add</c>; it needs labeled target rows.
    /// </summary>
    public static WeightingAdversarialNetwork Wann() => new();
}
