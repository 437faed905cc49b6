using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Data;

/// <summary>Rows through an extractor, some at a time, without gradients and in evaluation mode.</summary>
internal static class BatchedPass
{
    private const long RowsAtOnce = 4096;

    /// <summary>The features of all rows; they belong to the caller's scope.</summary>
    public static Tensor Over(IRowSource rows, IFeatureExtractor extractor)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var mode = EvaluationMode.Of(extractor);
        var parts = new List<Tensor>();
        for (long start = 0; start < rows.Count; start += RowsAtOnce)
        {
            using var pass = NewDisposeScope();
            var batch = Read(rows, start, Math.Min(RowsAtOnce, rows.Count - start));
            parts.Add(Through(extractor, batch, extractor.Extract).MoveToOuterDisposeScope());
        }
        return (parts.Count == 1 ? parts[0] : cat([.. parts])).MoveToOuterDisposeScope();
    }

    /// <summary>What a part makes of some rows, in their dtype, also while it computes in bfloat16 during a training.</summary>
    public static Tensor Through(object part, Tensor rows, Func<Tensor, Tensor> compute)
    {
        var isShort = part.WithInner()
            .OfType<ITrainable>()
            .SelectMany(inner => inner.Module.parameters())
            .Any(parameter => parameter.dtype == bfloat16);
        return isShort && rows.dtype == float32 ? compute(rows.to(bfloat16)).to(float32) : compute(rows);
    }

    /// <summary>A run of neighbouring rows.</summary>
    public static Tensor Read(IRowSource rows, long start, long count) =>
        rows is TensorRows memory
            ? memory.Inputs.narrow(0, start, count)
            : rows.Read(LivingScalars.Numbers(start, start + count));
}
