using TransferLearning.Theory;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// PAD, the proxy A-distance (Ben-David et al. 2006): how well a classifier tells the domains apart. <c>Between</c>
    /// measures it.
    /// </summary>
    public static ProxyADistance Pad() => new();
}
