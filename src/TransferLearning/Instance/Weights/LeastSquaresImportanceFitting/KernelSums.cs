using TransferLearning.Data;
using TransferLearning.Internal;
using TransferLearning.Kernels;
using static TorchSharp.torch;

namespace TransferLearning.Instance;

/// <summary>What a least-squares density ratio takes from the rows of a domain, for one kernel.</summary>
/// <param name="Count">How many rows.</param>
/// <param name="Gram"><c>sum_i phi(x_i) phi(x_i)'</c>, <c>[l, l]</c>; zeros where it is not asked for.</param>
/// <param name="Sum"><c>sum_i phi(x_i)</c>, <c>[l]</c>.</param>
internal readonly record struct KernelSums(long Count, Tensor Gram, Tensor Sum)
{
    /// <summary>The sums of kernel values <c>[n, l]</c>; they belong to the caller's scope.</summary>
    public static KernelSums Of(Tensor values, bool hasGram = true)
    {
        var l = values.shape[1];
        var gram = hasGram ? values.t().matmul(values) : zeros([l, l], float64, values.device);
        return new KernelSums(values.shape[0], gram, values.sum(dim: 0));
    }

    /// <summary>
    /// The sums for several kernels over one pass of the rows, wherever they lie; they belong to the caller's scope.
    /// </summary>
    public static IReadOnlyList<KernelSums> Of(
        IRowSource rows,
        IReadOnlyList<IKernel> kernels,
        Tensor centers,
        bool hasGram = true
    )
    {
        var (l, width) = (centers.shape[0], centers.shape[1]);
        List<KernelSums> all =
        [
            .. kernels.Select(_ => new KernelSums(
                rows.Count,
                zeros([l, l], float64, centers.device),
                zeros(l, float64, centers.device)
            )),
        ];
        foreach (var (start, count) in RowBlocks.Of(rows.Count, width + (2 * l)))
        {
            using var pass = NewDisposeScope();
            var block = BatchedPass.Read(rows, start, count).to(float64);
            foreach (var (sums, kernel) in all.Zip(kernels))
            {
                Canceling.Check();
                var part = Of(kernel.Matrix(block, centers), hasGram);
                sums.Gram.add_(part.Gram);
                sums.Sum.add_(part.Sum);
            }
        }
        return all;
    }
}
