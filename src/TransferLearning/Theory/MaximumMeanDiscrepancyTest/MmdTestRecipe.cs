using TransferLearning.Kernels;
using TransferLearning.Theory;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// The kernel two-sample test (Gretton et al. 2012): <c>Of</c> gives the p-value of two samples being of one
    /// distribution.
    /// </summary>
    /// <param name="kernels">The kernels, added. Default a Gaussian with the median heuristic.</param>
    public static MaximumMeanDiscrepancyTest MmdTest(IReadOnlyList<IKernel>? kernels = null) =>
        new() { Kernels = kernels ?? [new GaussianKernel()] };
}
