using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Co-optimal transport (Redko et al. 2020): source rows come into a target space of other features by a plan
    /// between the features. <c>Fit</c> takes the rows of both.
    /// </summary>
    /// <param name="solver">Finds the plans of rows and of features. Default the exact one.</param>
    public static CoOptimalTransport Coot(ITransportSolver? solver = null) =>
        new() { Solver = solver ?? new ExactTransport() };
}
