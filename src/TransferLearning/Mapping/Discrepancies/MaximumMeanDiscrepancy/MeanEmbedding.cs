using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Mapping;

/// <summary>Squared distances of mean embeddings from kernel values.</summary>
internal static class MeanEmbedding
{
    public static bool IsLinear(MeanEmbeddingEstimator estimator) =>
        estimator is MeanEmbeddingEstimator.LinearTime or MeanEmbeddingEstimator.LinearTimeCircular;

    /// <summary>
    /// The estimate from the kernel matrix <c>[n + m, n + m]</c> of the stacked samples and the source rows' shares
    /// <c>[n]</c>.
    /// </summary>
    public static Tensor FromMatrix(Tensor kernel, Tensor shares, MeanEmbeddingEstimator estimator)
    {
        var n = shares.shape[0];
        var ofTarget = RowShares.Of(kernel.narrow(0, n, kernel.shape[0] - n));
        if (estimator == MeanEmbeddingEstimator.Biased)
        {
            var signed = cat([shares, ofTarget.neg()]);
            return signed.dot(kernel.mv(signed)).clamp_min(0); // below 0 by rounding alone
        }
        var (own, others) = (kernel.narrow(0, 0, n), kernel.narrow(0, n, ofTarget.shape[0]));
        static Tensor Within(Tensor square, Tensor shares) =>
            (shares.dot(square.mv(shares)) - shares.square().dot(square.diagonal())) / RowShares.OfPairs(shares);
        return Within(own.narrow(1, 0, n), shares)
            + Within(others.narrow(1, n, ofTarget.shape[0]), ofTarget)
            - (2 * shares.dot(own.narrow(1, n, ofTarget.shape[0]).mv(ofTarget)));
    }

    /// <summary>
    /// A linear-time estimate from the kernel values of matching rows and the source rows' shares <c>[n]</c>.
    /// </summary>
    public static Tensor FromPairs(
        Func<Tensor, Tensor, Tensor> kernel,
        Tensor source,
        Tensor target,
        Tensor shares,
        MeanEmbeddingEstimator estimator
    )
    {
        var (s1, s2, t1, t2) = Pairs(source, target, estimator);
        var relative = (shares * shares.shape[0]).unsqueeze(1); // of mean 1
        var (first, second, _, _) = Pairs(relative, relative, estimator);
        var (w1, w2) = (first.squeeze(1), second.squeeze(1));
        return ((kernel(s1, s2) * w1 * w2) + kernel(t1, t2) - (kernel(s1, t2) * w1) - (kernel(s2, t1) * w2)).mean();
    }

    /// <summary>The rows that a linear-time estimator pairs.</summary>
    public static (Tensor FirstSource, Tensor SecondSource, Tensor FirstTarget, Tensor SecondTarget) Pairs(
        Tensor source,
        Tensor target,
        MeanEmbeddingEstimator estimator
    )
    {
        if (estimator == MeanEmbeddingEstimator.LinearTimeCircular)
        {
            return (source, source.roll(-1, 0), target, target.roll(-1, 0));
        }
        var even = source.shape[0] / 2 * 2;
        Tensor Every(Tensor rows, long start) => rows.slice(0, start, even, 2);
        return (Every(source, 0), Every(source, 1), Every(target, 0), Every(target, 1));
    }

    /// <summary>
    /// The mean squared distance over all pairs of rows, in linear time: twice that from the mean row.
    /// </summary>
    public static Tensor MeanSquaredDistance(Tensor rows)
    {
        using var scope = NewDisposeScope();
        return (2 * (rows - rows.mean([0L], keepdim: true)).square().sum(1).mean()).MoveToOuterDisposeScope();
    }

    /// <summary>The kernel values of all pairs must fit, as often as they are held at once.</summary>
    public static void CheckMemory(string method, Tensor all, int matrices, ScalarType? type = null) =>
        MemoryNeed.Check(
            method,
            all,
            all.shape[0],
            all.shape[0],
            matrices,
            "Measure batches of the rows, or take a linear-time Estimator where there is one.",
            type
        );

    public static void Check(Tensor source, Tensor target, MeanEmbeddingEstimator estimator)
    {
        Guard.Pair(source, target, least: estimator == MeanEmbeddingEstimator.Biased ? 1 : 2);
        if (IsLinear(estimator) && source.shape[0] != target.shape[0])
        {
            throw new ArgumentException(
                $"the {estimator} estimator pairs rows and needs samples of one size; got {source.shape[0]} and "
                    + $"{target.shape[0]}. "
                    + "Use Unbiased, or equal batch sizes.",
                nameof(target)
            );
        }
    }
}
