using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>
/// MK-MMD: the mean discrepancy under a sum of Gaussian kernels whose widths follow the batch; the penalty of DAN.
/// </summary>
/// <remarks>
/// <c>k(x, y) = sum_u exp(-||x - y||^2 / (2 a_u s^2))</c> with multipliers <c>a_u</c> and <c>s^2</c> the mean squared
/// distance over all pairs of the stacked batch, its zero diagonal included (Long, Cao, Wang and Jordan 2015, "Learning
/// Transferable Features with Deep Adaptation Networks"; the widths as in the authors' code, kernels weighted alike).
/// The width carries no gradient. The linear-time estimators of the paper cost n instead of n^2. Weights of the
/// source's rows weigh its means, not the width. Computed in float64.
/// </remarks>
public sealed record MultiKernelMaximumMeanDiscrepancy : IWeightedDiscrepancy
{
    /// <summary>The multipliers <c>a_u</c> of the squared width. Default 1/8, 1/4, 1/2, 1, 2.</summary>
    [OptionRange(Above = 0)]
    public IReadOnlyList<double> Multipliers { get; init; } = [0.125, 0.25, 0.5, 1, 2];

    /// <summary>A squared width <c>s^2</c> to use instead of the batch's, or null.</summary>
    [OptionRange(Above = 0)]
    public double? SquaredWidth { get; init; }

    /// <summary>How it is estimated. Default unbiased.</summary>
    public MeanEmbeddingEstimator Estimator { get; init; } = MeanEmbeddingEstimator.Unbiased;

    /// <inheritdoc />
    public Tensor Between(Tensor source, Tensor target) => Of(source, target, null);

    /// <inheritdoc />
    public Tensor BetweenWeighted(Tensor source, Tensor target, Tensor weights)
    {
        Guard.Alive(weights);
        return Of(source, target, weights);
    }

    private Tensor Of(Tensor source, Tensor target, Tensor? weights)
    {
        MeanEmbedding.Check(source, target, Estimator);
        Guard.Options(this);
        using var scope = NewDisposeScope();
        var (s, t) = (source.to(float64), target.to(float64));
        var shares = RowShares.Of(source, weights);
        return (MeanEmbedding.IsLinear(Estimator) ? Linear(s, t, shares) : Quadratic(s, t, shares))
            .to(source.dtype)
            .MoveToOuterDisposeScope();
    }

    /// <summary>The summed kernels of some squared distances.</summary>
    internal Tensor Kernels(Tensor distances, Tensor width)
    {
        var scaled = distances / (-2 * width);
        return Multipliers.Select(multiplier => (scaled / multiplier).exp()).Aggregate((sum, next) => sum + next);
    }

    private Tensor Quadratic(Tensor source, Tensor target, Tensor shares)
    {
        var all = cat([source, target]);
        MeanEmbedding.CheckMemory(nameof(MultiKernelMaximumMeanDiscrepancy), all, 1 + (3 * Multipliers.Count));
        var distances = SquaredDistances.Between(all, all);
        var kernel = Kernels(distances, Width(() => distances.detach().mean(), source));
        return MeanEmbedding.FromMatrix(kernel, shares, Estimator);
    }

    private Tensor Linear(Tensor source, Tensor target, Tensor shares)
    {
        var width = Width(() => MeanEmbedding.MeanSquaredDistance(cat([source, target]).detach()), source);
        Tensor Kernel(Tensor a, Tensor b) => Kernels((a - b).square().sum(1), width);
        return MeanEmbedding.FromPairs(Kernel, source, target, shares, Estimator);
    }

    // Batches whose rows all coincide have no width of their own; any positive one gives the same answer, 0.
    private Tensor Width(Func<Tensor> mean, Tensor like) =>
        SquaredWidth is { } given ? full([], given, like.dtype, like.device) : mean().clamp_min(1e-30);

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => MeanEmbedding.IsLinear(Estimator) ? plan.EqualBatches() : [];
}
