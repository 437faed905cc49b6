using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Target shift (Zhang et al. 2013): class shares that bring the source's kernel mean to the target's. A weighting
    /// for <c>Weight</c>.
    /// </summary>
    public static KernelLabelShift MmdTarS() => new();
}
