using TransferLearning.Network;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// k-means on a pretrained network's features (George, Shen and Huerta 2017): groups of rows whose classes nobody
    /// has labeled. <c>Fit</c> takes the network and the rows.
    /// </summary>
    /// <param name="clusters">The number of clusters.</param>
    /// <param name="unitLength">Whether angles between features count, and lengths do not.</param>
    public static FeatureClustering KMeans(int clusters, bool unitLength = false) =>
        new(clusters) { UnitLength = unitLength };
}
