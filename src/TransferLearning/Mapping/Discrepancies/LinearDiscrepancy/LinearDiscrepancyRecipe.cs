using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>Linear discrepancy (Mansour, Mohri and Rostamizadeh 2009). A discrepancy for <c>Align</c>.</summary>
    public static LinearDiscrepancy LinearDiscrepancy() => new();
}
