using static TorchSharp.torch;

namespace TransferLearning.Augmentation;

/// <summary>Operations that each image has drawn for itself, each computed once for all images that drew it.</summary>
internal static class DrawnOperations
{
    /// <summary>No operation: the image stays.</summary>
    public const int None = -1;

    /// <summary>The changed images.</summary>
    /// <param name="images">Images <c>[n, channels, height, width]</c>.</param>
    /// <param name="pool">The operations.</param>
    /// <param name="chosen">The number of each image's operation in the pool, or <see cref="None"/>.</param>
    /// <param name="strengths">The strength of each image's operation, from -1 to 1.</param>
    public static Tensor Apply(
        Tensor images,
        IReadOnlyList<IImageOperation> pool,
        IReadOnlyList<int> chosen,
        IReadOnlyList<double> strengths
    )
    {
        if (pool.Count == 0)
        {
            throw new InvalidOperationException("Pool must hold at least one operation; it is empty.");
        }
        using var scope = NewDisposeScope();
        long[] order = [.. Enumerable.Range(0, chosen.Count).OrderBy(i => chosen[i]).Select(i => (long)i)];
        var rows = tensor(order, int64).to(images.device);
        var sorted = images.index_select(0, rows);
        var amounts = tensor(order.Select(i => strengths[(int)i]).ToArray(), float64).to(images.dtype, images.device);
        var pieces = new List<Tensor>();
        for (var from = 0; from < order.Length; )
        {
            var operation = chosen[(int)order[from]];
            var to = from;
            while (to < order.Length && chosen[(int)order[to]] == operation)
            {
                to++;
            }
            var some = sorted.narrow(0, from, to - from);
            pieces.Add(operation == None ? some : pool[operation].Apply(some, amounts.narrow(0, from, to - from)));
            from = to;
        }
        // With no rows at all there is nothing to put together.
        return (
            pieces.Count == 0 ? images.clone() : empty_like(images).index_copy_(0, rows, cat(pieces))
        ).MoveToOuterDisposeScope();
    }
}
