using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Data;

/// <summary>Rows through an extractor, some at a time, without gradients and in evaluation mode.</summary>
internal static class BatchedPass
{
    public const long RowsAtOnce = 4096;

    // Of images, what a network keeps of each layer counts as well: some 50 of 3x224x224, thousands of vectors.
    private const long MostNumbers = 1 << 23;
    private const long FewestRows = 16;

    /// <summary>The features of all rows; they belong to the caller's scope.</summary>
    /// <remarks>
    /// Rows go to the extractor, wherever it is, and features stay there. Of rows in shards each process passes its
    /// own, and the features are gathered.
    /// </remarks>
    public static Tensor Over(
        IRowSource rows,
        IFeatureExtractor extractor,
        CancellationToken cancellation = default,
        long batchSize = RowsAtOnce,
        Device? device = null
    )
    {
        using var canceling = Canceling.By(cancellation);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        if (rows is ShardedRows shards)
        {
            var where = device ?? PartDevice.Of(extractor);
            var own = shards.ByItself(() => Over(shards.Own, extractor, cancellation, batchSize, where));
            return shards.Gather(own).MoveToOuterDisposeScope();
        }
        using var mode = EvaluationMode.Of(extractor);
        var parts = new List<Tensor>();
        device ??= PartDevice.Of(extractor);
        batchSize = Math.Min(batchSize, Math.Max(FewestRows, MostNumbers / Math.Max(1, NumbersOfARow(rows))));
        // One empty batch where there are no rows, so that shapes and dtypes come out all the same.
        for (long start = 0; start == 0 || start < rows.Count; start += batchSize)
        {
            Canceling.Check();
            using var pass = NewDisposeScope();
            var batch = Read(rows, start, Math.Min(batchSize, rows.Count - start));
            parts.Add(extractor.Extract(device is null ? batch : batch.to(device)).MoveToOuterDisposeScope());
        }
        return (parts.Count == 1 ? parts[0] : cat([.. parts])).MoveToOuterDisposeScope();
    }

    /// <summary>How many numbers a row has.</summary>
    public static long NumbersOfARow(IRowSource rows)
    {
        if (rows is TensorRows memory)
        {
            return memory.Inputs.numel() / Math.Max(1, rows.Count);
        }
        using var first = Read(rows, 0, Math.Min(1, rows.Count));
        return first.numel();
    }

    /// <summary>A run of neighboring rows.</summary>
    public static Tensor Read(IRowSource rows, long start, long count) =>
        rows is TensorRows memory ? memory.Inputs.narrow(0, start, count) : Read(rows, arange(start, start + count));

    /// <summary>Some rows, as data: without whatever graph their source gives them.</summary>
    public static Tensor Read(IRowSource rows, Tensor which) =>
        rows is TensorRows ? rows.Read(which) : Recording.Data(rows.Read(which));
}
