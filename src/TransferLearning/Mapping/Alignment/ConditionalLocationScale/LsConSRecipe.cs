using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// LS-ConS, also MMD-LS (Zhang et al. 2013): source rows are stretched and moved class by class. A map for
    /// <c>Map</c>.
    /// </summary>
    public static ConditionalLocationScale LsConS() => new();
}
