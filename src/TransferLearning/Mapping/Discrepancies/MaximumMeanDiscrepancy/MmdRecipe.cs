using TransferLearning.Kernels;
using TransferLearning.Mapping;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>MMD (Gretton et al. 2012). A discrepancy for <c>Align</c>.</summary>
    /// <param name="kernels">The kernels, added; at least one.</param>
    public static MaximumMeanDiscrepancy Mmd(params IReadOnlyList<IKernel> kernels) => new(kernels);

    /// <summary>
    /// MK-MMD (Long et al. 2015): five Gaussian kernels whose widths follow the batch. A discrepancy for <c>Align</c>.
    /// </summary>
    public static MultiKernelMaximumMeanDiscrepancy MkMmd() => new();
}
