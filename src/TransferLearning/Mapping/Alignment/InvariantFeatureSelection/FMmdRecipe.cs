using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// f-MMD (Uguroglu and Carbonell 2011): the features that differ most between the domains are removed. A map for
    /// <c>Map</c>.
    /// </summary>
    public static InvariantFeatureSelection FMmd() => new();
}
