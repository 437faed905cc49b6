using TransferLearning.Instance;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// BIW (Wan, Pan and Li 2011): source rows and features are weighed together. A stage for <c>Add</c>.
    /// </summary>
    public static BiWeighting Biw() => new();
}
