using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>Fréchet distance of the domains as normal distributions. A discrepancy for <c>Align</c>.</summary>
    public static FrechetDistance FrechetDistance() => new();
}
