using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// HeMap (Shi et al. 2010): rows of different features come into a common space in which pairs lie close. A stage
    /// for <c>Add</c>, or two maps for pairs of rows by its <c>Fit</c>.
    /// </summary>
    /// <param name="likeness">The weight beta of the likeness of the two domains. Default 1.</param>
    public static HeterogeneousSpectralMapping HeMap(double likeness = 1) => new() { Likeness = likeness };
}
