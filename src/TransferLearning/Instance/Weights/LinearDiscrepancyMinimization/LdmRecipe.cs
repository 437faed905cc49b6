using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// LDM (Mansour, Mohri and Rostamizadeh 2009): weights that bring linear predictors' losses together. A weighting
    /// for <c>Weight</c>.
    /// </summary>
    public static LinearDiscrepancyMinimization Ldm() => new();
}
