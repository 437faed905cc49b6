using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// TSL (Si, Tao and Geng 2010): a projection good for the source under which the domains' densities agree. A map
    /// for <c>Map</c>.
    /// </summary>
    /// <param name="components">How many components. Null leaves the number to the map.</param>
    /// <param name="objective">
    /// What is good for the source. Default the Fisher ratio for classes, the variance for values.
    /// </param>
    public static TransferSubspaceLearning Tsl(int? components = null, ISubspaceObjective? objective = null) =>
        new() { Components = components, Objective = objective };
}
