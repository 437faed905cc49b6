using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// FEDA, "frustratingly easy" (Daumé 2007): each domain gets a copy of the features of its own beside a common one.
    /// A map for <c>Map</c>.
    /// </summary>
    public static FeatureAugmentation Feda() => new();
}
