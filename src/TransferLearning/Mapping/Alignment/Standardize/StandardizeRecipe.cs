using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>Features of mean 0 and standard deviation 1. A map for <c>Map</c>.</summary>
    /// <param name="perDomain">
    /// Whether each domain is standardized by its own statistics instead of the source's. Default false.
    /// </param>
    public static Standardize Standardize(bool perDomain = false) => new() { PerDomain = perDomain };
}
