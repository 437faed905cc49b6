using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// CORAL (Sun, Feng and Saenko 2016): a linear map gives the source rows the target's covariance. A map for
    /// <c>Map</c>.
    /// </summary>
    public static CorrelationAlignment Coral() => new();
}
