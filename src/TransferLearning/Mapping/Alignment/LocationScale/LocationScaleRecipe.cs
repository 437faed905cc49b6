using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Location-scale map (Zhang et al. 2013): source features get the target's means and standard deviations. A map
    /// for <c>Map</c>.
    /// </summary>
    public static LocationScale LocationScale() => new();
}
