using System.Globalization;
using Microsoft.Win32.SafeHandles;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Data;

/// <summary>The rows of a NumPy file (<c>.npy</c>) that stays on disk, for arrays larger than memory.</summary>
/// <remarks>
/// <para>
/// float16, float32 and float64 in C order, as <c>numpy.save</c> writes them on common machines. Rows go from the file
/// into the tensor that is returned and nowhere else; what is read twice comes from the system's file cache. The file
/// must not change. Unlike a memory map a file that becomes shorter is an error and not the process's end.
/// </para>
/// <para>
/// Threads may read at the same time. The caller disposes it, after every domain that reads from it. A file of class
/// numbers or values is read at once by <see cref="Labels"/>.
/// </para>
/// </remarks>
public sealed class NumpyRows : IRowSource, IDisposable
{
    private const long MostBytes = 1L << 30;

    private readonly SafeFileHandle file;
    private readonly NumpyHeader header;
    private readonly string path;
    private readonly ScalarType stored;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file, an array <c>[n, ...]</c> of at least one row.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// It is no NumPy file, is cut off, has no row, or is of another kind of numbers or layout. The message says which.
    /// </exception>
    public NumpyRows(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        this.path = path;
        file = File.OpenHandle(path, options: FileOptions.RandomAccess);
        try
        {
            header = NumpyHeader.Of(file, path);
            if (header.Shape.Length < 2 || header.Shape.Contains(0))
            {
                throw new InvalidDataException(
                    $"'{path}' must be an array [n, ...] of at least one row; it is "
                        + $"[{string.Join(", ", header.Shape)}]."
                );
            }
            stored = header.Type switch
            {
                "<f2" => float16,
                "<f4" => float32,
                "<f8" => float64,
                _ => throw new InvalidDataException(
                    $"'{path}' holds numbers of the kind '{header.Type}'; rows are float16, float32 or float64 "
                        + "('<f2', '<f4', '<f8'): save array.astype('float32')."
                ),
            };
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public long Count => header.Shape[0];

    /// <summary>The shape of a row.</summary>
    public IReadOnlyList<long> RowShape => header.Shape[1..];

    /// <summary>Reads some rows.</summary>
    /// <param name="rows">Row numbers, int64 <c>[k]</c>, on the CPU.</param>
    /// <returns>
    /// The rows <c>[k, ...]</c>, in that order, in the file's dtype; float16 as float32, for few operations know it on
    /// the CPU. The caller disposes them.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="EndOfStreamException">The file has become shorter.</exception>
    public Tensor Read(Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var numbers = rows.numel() == 0 ? [] : rows.cpu().to(int64).contiguous().data<long>().ToArray();
        foreach (var row in numbers)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(row, nameof(rows));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count, nameof(rows));
        }
        var all = empty([numbers.Length, .. RowShape], stored);
        var bytesOfRow = header.Shape[1..].Aggregate((long)header.Size, (product, size) => checked(product * size));
        // A span holds two gigabytes.
        var atOnce = Math.Max(1, MostBytes / bytesOfRow);
        for (long start = 0; start < numbers.Length; start += atOnce)
        {
            using var part = NewDisposeScope();
            var count = (int)Math.Min(atOnce, numbers.Length - start);
            Fill(all.narrow(0, start, count).bytes, numbers.AsSpan((int)start, count), bytesOfRow);
        }
        return (stored == float16 ? all.to(float32) : all).MoveToOuterDisposeScope();
    }

    /// <summary>An array of one number a row, read at once: class numbers, or values.</summary>
    /// <param name="path">The file: whole numbers or floats <c>[n]</c>, or <c>[n, 1]</c>.</param>
    /// <returns>
    /// Whole numbers as int64, floats in their dtype (float16 as float32), <c>[n]</c>; the caller disposes them.
    /// </returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// It is no NumPy file, is cut off, has no number or several a row, or holds another kind of numbers.
    /// </exception>
    public static Tensor Labels(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var labels = File.OpenHandle(path);
        var head = NumpyHeader.Of(labels, path);
        var isColumn = head.Shape.Length == 1 || (head.Shape.Length == 2 && head.Shape[1] == 1);
        if (!isColumn || head.Shape[0] == 0)
        {
            throw new InvalidDataException(
                $"'{path}' must be an array [n] of one label a row; it is [{string.Join(", ", head.Shape)}]."
            );
        }
        if (head.Shape[0] > int.MaxValue / head.Size)
        {
            throw new InvalidDataException(
                $"'{path}' holds {head.Shape[0]} labels of {head.Size} bytes; at most 2 GiB are read at once."
            );
        }
        var kind = head.Type[1..] switch
        {
            "f2" => float16,
            "f4" => float32,
            "f8" => float64,
            "i1" => int8,
            "u1" => uint8,
            "i2" => int16,
            "i4" => int32,
            "i8" => int64,
            _ => throw new InvalidDataException(
                $"'{path}' holds numbers of the kind '{head.Type}'; labels are signed whole numbers, bytes "
                    + "or floats: save labels.astype('int64')."
            ),
        };
        using var scope = NewDisposeScope();
        var all = empty([head.Shape[0]], kind);
        ReadExactly(labels, path, all.bytes, head.Start);
        return (
            kind == float16 ? all.to(float32)
            : all.is_floating_point() ? all
            : all.to(int64)
        ).MoveToOuterDisposeScope();
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => file.Dispose();

    // Rows that follow each other are read at once.
    private void Fill(Span<byte> bytes, ReadOnlySpan<long> numbers, long bytesOfRow)
    {
        for (var i = 0; i < numbers.Length; )
        {
            Canceling.Check();
            var run = 1;
            while (i + run < numbers.Length && numbers[i + run] == numbers[i] + run)
            {
                run++;
            }
            var part = bytes.Slice(checked((int)(i * bytesOfRow)), checked((int)(run * bytesOfRow)));
            ReadExactly(file, path, part, header.Start + (numbers[i] * bytesOfRow));
            i += run;
        }
    }

    private static void ReadExactly(SafeFileHandle file, string path, Span<byte> bytes, long start)
    {
        for (var read = 0; read < bytes.Length; )
        {
            var more = RandomAccess.Read(file, bytes[read..], start + read);
            read += more > 0 ? more : throw new EndOfStreamException($"'{path}' has become shorter.");
        }
    }

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Count} rows [{string.Join(", ", RowShape)}] of '{path}'");
}
