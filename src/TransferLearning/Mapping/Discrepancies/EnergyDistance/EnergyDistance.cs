using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>The energy distance: twice the mean distance across samples less the mean distances within them.</summary>
/// <remarks>
/// <c>2 E||s - t|| - E||s - s'|| - E||t - t'||</c> over all pairs, without a root (Székely and Rizzo 2013, "Energy
/// Statistics"). It is 0 only for equal distributions, needs no width, and is the MMD of the kernel <c>-||x - y||</c>.
/// Weights of the source's rows weigh its means. Differentiable in both. Costs (n + m)^2 d. Computed in float64.
/// </remarks>
public sealed record EnergyDistance : IWeightedDiscrepancy
{
    /// <inheritdoc />
    public Tensor Between(Tensor source, Tensor target) => Of(source, target, null);

    /// <inheritdoc />
    public Tensor BetweenWeighted(Tensor source, Tensor target, Tensor weights)
    {
        Guard.Alive(weights);
        return Of(source, target, weights);
    }

    private static Tensor Of(Tensor source, Tensor target, Tensor? weights)
    {
        Guard.Pair(source, target);
        var most = Math.Max(source.shape[0], target.shape[0]);
        MemoryNeed.Check(nameof(EnergyDistance), source, most, most, 12, "Measure batches of the rows.", float64);
        using var scope = NewDisposeScope();
        // Rows that coincide pull nowhere; a row's distance to itself is 0 without rounding.
        static Tensor Mean(Tensor squares, Tensor ofRows, Tensor ofColumns) =>
            ofRows.dot(squares.clamp_min(1e-300).sqrt().mv(ofColumns));
        static Tensor Within(Tensor x, Tensor shares) =>
            Mean(
                SquaredDistances.Between(x, x) * (1 - eye(x.shape[0], dtype: x.dtype, device: x.device)),
                shares,
                shares
            );
        var (s, t) = (source.to(float64), target.to(float64));
        var (ofSource, ofTarget) = (RowShares.Of(source, weights), RowShares.Of(target));
        var across = Mean(SquaredDistances.Between(s, t), ofSource, ofTarget);
        return ((2 * across) - Within(s, ofSource) - Within(t, ofTarget)).to(source.dtype).MoveToOuterDisposeScope();
    }
}
