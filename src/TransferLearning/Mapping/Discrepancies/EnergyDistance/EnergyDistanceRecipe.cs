using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>Energy distance (Székely and Rizzo 2013). A discrepancy for <c>Align</c>.</summary>
    public static EnergyDistance EnergyDistance() => new();
}
