using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>The energy distance: twice the mean distance across samples less the mean distances within them.</summary>
/// <remarks>
/// <c>2 E||s - t|| - E||s - s'|| - E||t - t'||</c> over all pairs, without a root (Székely and Rizzo 2013, "Energy Statistics"). It is 0 only for equal
/// distributions, needs no width, and is the MMD of the kernel <c>-||x - y||</c>. Differentiable in both. Costs (n + m)^2 d.
/// </remarks>
public sealed record EnergyDistance : IDiscrepancy
{
    /// <inheritdoc />
    public Tensor Between(Tensor source, Tensor target)
    {
        Guard.Pair(source, target);
        var most = Math.Max(source.shape[0], target.shape[0]);
        MemoryNeed.Check(nameof(EnergyDistance), source, most, most, 12, "Measure batches of the rows.");
        using var scope = NewDisposeScope();
        // Rows that coincide pull nowhere; a row's distance to itself is 0 without rounding.
        static Tensor Mean(Tensor squares) => squares.clamp_min(1e-24).sqrt().mean();
        static Tensor Within(Tensor x) =>
            Mean(SquaredDistances.Between(x, x) * (1 - eye(x.shape[0], dtype: x.dtype, device: x.device)));
        var across = Mean(SquaredDistances.Between(source, target));
        return ((2 * across) - Within(source) - Within(target)).MoveToOuterDisposeScope();
    }
}
