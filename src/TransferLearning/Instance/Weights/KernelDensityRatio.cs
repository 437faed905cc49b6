using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>
/// A fitted density ratio <c>w(x) = sum_l theta_l k(x, c_l)</c>: how much more common a row is in the target than in
/// the source.
/// </summary>
/// <remarks>
/// What KLIEP, uLSIF and RuLSIF give. As a critic it judges a row by <c>-ln w(x)</c>, so that source-like rows score
/// high.
/// </remarks>
[SavedPart("kernel-density-ratio")]
public sealed class KernelDensityRatio : IDomainCritic, ISavedPart, IDisposable
{
    private IKernel? kernel;
    private Tensor? centers;
    private Tensor? coefficients;

    private KernelDensityRatio() { }

    internal KernelDensityRatio(IKernel kernel, Tensor centers, Tensor coefficients) =>
        (this.kernel, this.centers, this.coefficients) = (
            kernel,
            centers.detach().clone().DetachFromDisposeScope(),
            coefficients.detach().clone().DetachFromDisposeScope()
        );

    /// <summary>The kernel with the width that was chosen.</summary>
    public IKernel Kernel => kernel!;

    /// <summary>The centers c, float64 <c>[l, d]</c>; they belong to the ratio.</summary>
    public Tensor Centers => centers!;

    /// <summary>The coefficients theta, float64 <c>[l]</c>, not negative; they belong to the ratio.</summary>
    public Tensor Coefficients => coefficients!;

    /// <summary>The ratio at some rows.</summary>
    /// <param name="rows">Rows <c>[n, d]</c>.</param>
    /// <returns>
    /// The ratios <c>[n]</c> in the rows' dtype, not negative, differentiable; the caller disposes them.
    /// </returns>
    public Tensor At(Tensor rows)
    {
        Guard.Alive(this, centers);
        Guard.Fitted(rows, centers!.shape[1]);
        using var scope = NewDisposeScope();
        return kernel!.Matrix(rows.to(float64), centers!).mv(coefficients!).to(rows.dtype).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public Tensor Judge(Tensor features)
    {
        using var scope = NewDisposeScope();
        return At(features).clamp_min(1e-30).log().neg().MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Exchange(StateBag state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Part("kernel", ref kernel);
        state.Slot("centers", ref centers);
        state.Slot("coefficients", ref coefficients);
    }

    /// <summary>Disposes the centers and the coefficients.</summary>
    public void Dispose()
    {
        centers?.Dispose();
        coefficients?.Dispose();
    }
}
