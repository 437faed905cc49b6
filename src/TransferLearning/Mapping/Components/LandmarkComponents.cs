using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// The dual form of <see cref="AlignedComponents"/> on a kernel matrix of low rank, in the coordinates of its
/// landmarks.
/// </summary>
/// <remarks>
/// For <c>K = F F'</c> with Nyström features F <c>[n, r]</c>, dual weights outside the range of F serve nothing. Inside
/// it they are <c>F (F'F)^(-1/2) Q</c>, of the norm of Q, and the components <c>K W = F (F'F)^(1/2) Q</c>: the primal
/// problem of the rows <c>F (F'F)^(1/2)</c> is the dual one of K, ridge included. A row maps to
/// <c>k(x, Z) W^(-1/2) (F'F)^(1/2) Q</c>.
/// </remarks>
internal static class LandmarkComponents
{
    /// <summary>The root <c>(F'F)^(1/2)</c>, <c>[r, r]</c>, from <c>F'F</c>.</summary>
    public static Tensor Stretch(Tensor gram) => Statistics.Power(gram, 0.5);

    /// <summary>The map by the directions Q <c>[r, k]</c>, of features of rows divided by a unit.</summary>
    public static KernelMap Map(
        NystromFeatures features,
        Tensor stretch,
        Tensor directions,
        Tensor values,
        ScalarType type,
        double unit
    ) =>
        new(
            features.Kernel,
            (features.Landmarks * unit).to(type),
            features.Root.matmul(stretch.matmul(directions)),
            values,
            unit
        );
}
