using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>Sinkhorn divergence (Genevay, Peyré and Cuturi 2018). A discrepancy for <c>Align</c>.</summary>
    public static SinkhornDivergence SinkhornDivergence() => new();
}
