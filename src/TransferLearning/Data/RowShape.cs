using TransferLearning.Internal;

namespace TransferLearning.Data;

/// <summary>What one row tells of all.</summary>
internal static class RowShape
{
    /// <summary>How many features a row has and in which dtype; rows that are no vectors are refused.</summary>
    public static (long Width, TorchSharp.torch.ScalarType Type) Of(IRowSource rows)
    {
        using var first = BatchedPass.Read(rows, 0, Math.Min(1, rows.Count));
        Guard.Rows(first, name: nameof(rows));
        return (first.shape[1], first.dtype);
    }

    /// <summary>Refuses rows of two domains that differ in width, dtype or device, or are fewer than needed.</summary>
    /// <param name="source">The source's rows.</param>
    /// <param name="target">The target's rows.</param>
    /// <param name="least">How many rows each must have.</param>
    public static void CheckPair(IRowSource source, IRowSource target, long least = 1)
    {
        foreach (var (rows, name) in new[] { (source, nameof(source)), (target, nameof(target)) })
        {
            if (rows.Count < least)
            {
                throw new ArgumentException($"{name} must have at least {least} row(s); got {rows.Count}.", name);
            }
        }
        using var scope = TorchSharp.torch.NewDisposeScope();
        var (ofSource, ofTarget) = (BatchedPass.Read(source, 0, 1), BatchedPass.Read(target, 0, 1));
        Guard.Pair(ofSource, ofTarget, sourceName: nameof(source), targetName: nameof(target));
    }
}
