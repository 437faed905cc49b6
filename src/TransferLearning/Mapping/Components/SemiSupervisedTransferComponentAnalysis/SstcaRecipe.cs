using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SSTCA (Pan et al. 2011): TCA shaped by the source's labels and by neighbors. A map for <c>Map</c>.
    /// </summary>
    /// <param name="components">How many components. Null leaves the number to the map.</param>
    public static SemiSupervisedTransferComponentAnalysis Sstca(int? components = null) =>
        new() { Components = components };
}
