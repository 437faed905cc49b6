using System.Globalization;
using static TorchSharp.torch;

namespace TransferLearning.Internal;

/// <summary>Refuses work whose matrices would not fit, before it starts and with the way out.</summary>
internal static class MemoryNeed
{
    // Less than this is never worth a look.
    private const long Trifle = 64L << 20;
    private static readonly AsyncLocal<long?> Assumed = new();

    /// <summary>Checks for some matrices of pairs of rows.</summary>
    /// <param name="method">What is to be computed.</param>
    /// <param name="like">
    /// A tensor of the rows: its device decides (elsewhere than on the CPU libtorch's own error stands), its dtype
    /// where none is given.
    /// </param>
    /// <param name="rows">The matrices' rows n.</param>
    /// <param name="columns">Their columns m.</param>
    /// <param name="matrices">How many are held at once at the most.</param>
    /// <param name="wayOut">What to do instead.</param>
    /// <param name="type">The matrices' dtype; null for that of the tensor.</param>
    /// <exception cref="InsufficientMemoryException">They would take more than what is at hand.</exception>
    public static void Check(
        string method,
        Tensor like,
        long rows,
        long columns,
        int matrices,
        string wayOut,
        ScalarType? type = null
    )
    {
        var size = (type ?? like.dtype) is ScalarType.Float64 ? sizeof(double) : sizeof(float);
        var needed = (double)rows * columns * matrices * size;
        if (like.device_type != DeviceType.CPU || (needed < Trifle && Assumed.Value is null))
        {
            return;
        }
        var atHand = Assumed.Value ?? MemoryAtHand.Bytes();
        if (needed > atHand)
        {
#pragma warning disable MA0012 // It is made for this: a check for sufficient memory fails before the work begins.
            throw new InsufficientMemoryException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{method} needs {needed:N0} bytes ({matrices} x {rows:N0} x {columns:N0} numbers of {size} "
                        + $"bytes); {atHand:N0} bytes are at hand. {wayOut}"
                )
            );
#pragma warning restore MA0012
        }
    }

    /// <summary>
    /// Pretends, for tests, that so much memory is at hand; until it is disposed, in this flow of calls alone.
    /// </summary>
    public static IDisposable Assume(long bytes)
    {
        var before = Assumed.Value;
        Assumed.Value = bytes;
        return new Restored(before);
    }

    private sealed class Restored(long? before) : IDisposable
    {
        public void Dispose() => Assumed.Value = before;
    }
}
