using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Kernels;

/// <summary>Means of kernel values, a block of rows at a time: no matrix of all pairs is made.</summary>
internal static class KernelMeans
{
    /// <summary><c>mean_j k(x_i, y_j)</c>, <c>[n]</c>; it belongs to the caller's scope.</summary>
    public static Tensor Of(IKernel kernel, Tensor at, Tensor rows, FitContext? context)
    {
        using var scope = NewDisposeScope();
        return Blocks(at, rows, block => kernel.Matrix(block, rows).mean([1L]), context).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The rows' blocks through a function of values against others, joined; it belongs to the caller's scope.
    /// </summary>
    /// <param name="at">The rows to cut into blocks.</param>
    /// <param name="others">The rows that each block is held against.</param>
    /// <param name="ofBlock">What is made of a block, a row for each of its rows.</param>
    /// <param name="context">Cancellation; null for none.</param>
    public static Tensor Blocks(Tensor at, Tensor others, Func<Tensor, Tensor> ofBlock, FitContext? context)
    {
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        foreach (var (start, count) in RowBlocks.Of(at.shape[0], 2 * others.shape[0]))
        {
            context?.Cancellation.ThrowIfCancellationRequested();
            using var pass = NewDisposeScope();
            parts.Add(ofBlock(at.narrow(0, start, count)).MoveToOuterDisposeScope());
        }
        return (parts.Count == 1 ? parts[0] : cat([.. parts])).MoveToOuterDisposeScope();
    }
}
