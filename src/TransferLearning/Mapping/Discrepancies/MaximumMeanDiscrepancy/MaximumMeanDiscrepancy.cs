using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>MMD: the squared distance of two samples' mean embeddings in a kernel's feature space.</summary>
/// <remarks>
/// <c>MMD^2 = E k(s, s') + E k(t, t') - 2 E k(s, t)</c> for the sum k of the given kernels (Gretton, Borgwardt, Rasch,
/// Schölkopf and Smola 2012, "A Kernel Two-Sample Test"). With the linear kernel it is <c>||mean s - mean t||^2</c>.
/// Differentiable in both samples; a kernel that reads its width off the data does so without gradient. The root is not
/// taken. Weights of the source's rows weigh its means. Computed in float64.
/// </remarks>
/// <param name="kernels">The kernels, at least one; they are summed.</param>
public sealed class MaximumMeanDiscrepancy(params IReadOnlyList<IKernel> kernels) : IWeightedDiscrepancy
{
    private readonly IReadOnlyList<IKernel> kernels = kernels is { Count: > 0 }
        ? kernels
        : throw new ArgumentException("at least one kernel is needed.", nameof(kernels));

    /// <summary>How it is estimated. Default biased: never negative, and 0 for identical samples.</summary>
    public MeanEmbeddingEstimator Estimator { get; init; } = MeanEmbeddingEstimator.Biased;

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
        using var scope = NewDisposeScope();
        var (s, t) = (source.to(float64), target.to(float64));
        var shares = RowShares.Of(source, weights);
        return kernels
            .Select(kernel => kernel is LinearKernel ? OfLinear(kernel, s, t, shares) : Of(kernel, s, t, shares))
            .Aggregate((sum, next) => sum + next)
            .to(source.dtype)
            .MoveToOuterDisposeScope();
    }

    private Tensor Of(IKernel kernel, Tensor source, Tensor target, Tensor shares)
    {
        var all = cat([source, target]);
        var known = kernel.FixedFor(all.detach());
        if (MeanEmbedding.IsLinear(Estimator))
        {
            return MeanEmbedding.FromPairs(known.Pairwise, source, target, shares, Estimator);
        }
        MeanEmbedding.CheckMemory(nameof(MaximumMeanDiscrepancy), all, 1);
        return MeanEmbedding.FromMatrix(known.Matrix(all, all), shares, Estimator);
    }

    // Means alone, and no matrix of pairs. No estimate depends on where the origin is: about the common mean, rows far
    // from 0 keep their digits.
    private Tensor OfLinear(IKernel kernel, Tensor source, Tensor target, Tensor shares)
    {
        var center = cat([source, target]).detach().mean([0L], keepdim: true);
        var (s, t) = (source - center, target - center);
        if (MeanEmbedding.IsLinear(Estimator))
        {
            return MeanEmbedding.FromPairs(kernel.Pairwise, s, t, shares, Estimator);
        }
        var ofTarget = RowShares.Of(t);
        var (sMean, tMean) = (RowShares.Mean(s, shares), RowShares.Mean(t, ofTarget));
        static Tensor Within(Tensor rows, Tensor mean, Tensor own) =>
            (mean.square().sum() - own.square().dot(rows.square().sum(1))) / RowShares.OfPairs(own);
        return Estimator == MeanEmbeddingEstimator.Biased
            ? (sMean - tMean).square().sum()
            : Within(s, sMean, shares) + Within(t, tMean, ofTarget) - (2 * (sMean * tMean).sum());
    }

    IEnumerable<string> IPlanned.Faults(ChainPlan plan) => MeanEmbedding.IsLinear(Estimator) ? plan.EqualBatches() : [];
}
