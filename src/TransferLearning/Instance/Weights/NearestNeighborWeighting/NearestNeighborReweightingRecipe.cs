using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Nearest-neighbor weighting (Loog 2012): a source row counts for the target rows that it is nearest to. A
    /// weighting for <c>Weight</c>.
    /// </summary>
    public static NearestNeighborWeighting NearestNeighborReweighting() => new();
}
