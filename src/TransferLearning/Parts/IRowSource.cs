using static TorchSharp.torch;

namespace TransferLearning;

/// <summary>Rows that are read when needed: a data set larger than memory, a folder of images, a database.</summary>
/// <remarks>Reading the same row numbers twice gives the same values, or runs would not be repeatable.</remarks>
public interface IRowSource
{
    /// <summary>How many rows there are.</summary>
    long Count { get; }

    /// <summary>Reads some rows.</summary>
    /// <param name="rows">Row numbers, int64 <c>[k]</c>, on the CPU.</param>
    /// <returns>The rows <c>[k, ...]</c>, in that order; the caller disposes them.</returns>
    Tensor Read(Tensor rows);
}
