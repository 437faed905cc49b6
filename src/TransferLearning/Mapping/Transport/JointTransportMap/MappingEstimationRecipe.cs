using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Mapping estimation (Perrot et al. 2016): a plan and a linear or kernel map that follows it. A map for
    /// <c>Map</c>.
    /// </summary>
    public static JointTransportMap MappingEstimation() => new();
}
