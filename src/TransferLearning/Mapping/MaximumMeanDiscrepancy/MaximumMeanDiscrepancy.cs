using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>MMD: the squared distance of two samples' mean embeddings in a kernel's feature space.</summary>
/// <remarks>
/// <c>MMD^2 = E k(s, s') + E k(t, t') - 2 E k(s, t)</c> for the sum k of the given kernels (Gretton, Borgwardt, Rasch, Schölkopf and
/// Smola 2012, "A Kernel Two-Sample Test"). With the linear kernel it is <c>||mean s - mean t||^2</c>. Differentiable in both
/// samples; a kernel that reads its width off the data does so without gradient. The root is not taken.
/// </remarks>
/// <param name="kernels">The kernels, at least one; they are summed.</param>
public sealed class MaximumMeanDiscrepancy(params IReadOnlyList<IKernel> kernels) : IDiscrepancy
{
    private readonly IReadOnlyList<IKernel> kernels = kernels is { Count: > 0 }
        ? kernels
        : throw new ArgumentException("at least one kernel is needed.", nameof(kernels));

    /// <summary>How it is estimated. Default biased: never negative, and 0 for identical samples.</summary>
    public MeanEmbeddingEstimator Estimator { get; init; } = MeanEmbeddingEstimator.Biased;

    /// <inheritdoc />
    public Tensor Between(Tensor source, Tensor target)
    {
        MeanEmbedding.Check(source, target, Estimator);
        using var scope = NewDisposeScope();
        var all = cat([source, target]);
        var fixedKernels = kernels.Select(kernel => kernel.FixedFor(all.detach()));
        return (
            MeanEmbedding.IsLinear(Estimator)
                ? Linear(fixedKernels, source, target)
                : Quadratic(fixedKernels, all, source.shape[0])
        ).MoveToOuterDisposeScope();
    }

    private Tensor Quadratic(IEnumerable<IKernel> fixedKernels, Tensor all, long n)
    {
        MeanEmbedding.CheckMemory(nameof(MaximumMeanDiscrepancy), all, (2 * kernels.Count) - 1);
        var matrix = fixedKernels.Select(kernel => kernel.Matrix(all, all)).Aggregate((sum, next) => sum + next);
        return MeanEmbedding.FromMatrix(matrix, n, Estimator);
    }

    private Tensor Linear(IEnumerable<IKernel> fixedKernels, Tensor source, Tensor target)
    {
        var (s1, s2, t1, t2) = MeanEmbedding.Pairs(source, target, Estimator);
        return fixedKernels
            .Select(kernel =>
                kernel.Pairwise(s1, s2) + kernel.Pairwise(t1, t2) - kernel.Pairwise(s1, t2) - kernel.Pairwise(s2, t1)
            )
            .Aggregate((sum, next) => sum + next)
            .mean();
    }
}
