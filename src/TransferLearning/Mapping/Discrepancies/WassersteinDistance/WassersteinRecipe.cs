using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Wasserstein distance by an exact plan (Kantorovich 1942). A discrepancy for <c>Align</c>, and a diagnostic.
    /// </summary>
    /// <param name="power">The power of the distances in the cost, at least 1. Default 1.</param>
    public static WassersteinDistance Wasserstein(double power = 1) => new() { Power = power };
}
