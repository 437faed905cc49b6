using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Data;

/// <summary>Rows divided by a number when they are read.</summary>
internal sealed class ScaledRows(IRowSource rows, double unit) : IRowSource
{
    public long Count => rows.Count;

    /// <summary>Divided rows, or the rows themselves where there is nothing to divide by.</summary>
    public static IRowSource Of(IRowSource rows, double unit) =>
        unit == 1 ? rows
        : rows is ShardedRows shards ? shards.With(new ScaledRows(shards.Own, unit))
        : new ScaledRows(rows, unit);

    public Tensor Read(Tensor numbers)
    {
        using var scope = NewDisposeScope();
        var read = rows.Read(numbers);
        return (read / full([], unit, read.dtype, read.device)).MoveToOuterDisposeScope();
    }
}
