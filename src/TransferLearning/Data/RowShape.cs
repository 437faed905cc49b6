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
}
