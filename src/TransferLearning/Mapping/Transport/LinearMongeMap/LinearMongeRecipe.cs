using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Linear Monge map (Flamary, Lounici and Ferrari 2019): the cheapest linear map to the target's mean and
    /// covariance. A map for <c>Map</c>.
    /// </summary>
    public static LinearMongeMap LinearMonge() => new();
}
