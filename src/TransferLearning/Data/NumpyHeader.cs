using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;

namespace TransferLearning.Data;

/// <summary>
/// What the head of a NumPy file says: the numbers' kind, the array's shape, and where the numbers begin.
/// </summary>
/// <param name="Type">The kind as NumPy writes it, <c>&lt;f4</c> for instance.</param>
/// <param name="Shape">The shape.</param>
/// <param name="Start">Where the first number stands, in bytes.</param>
internal sealed partial record NumpyHeader(string Type, long[] Shape, long Start)
{
    private const int Longest = 1 << 20;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>How many bytes a number takes.</summary>
    public int Size => int.Parse(Type[2..], CultureInfo.InvariantCulture);

    /// <summary>Reads the head, and holds the file's length to it.</summary>
    /// <exception cref="InvalidDataException">
    /// It is no such file, is cut off, or of a layout that is not read.
    /// </exception>
    public static NumpyHeader Of(SafeFileHandle file, string path)
    {
        var length = RandomAccess.GetLength(file);
        var head = Bytes(file, 0, (int)Math.Min(12, length));
        if (head.Length < 10 || !head.AsSpan(0, 6).SequenceEqual(Magic))
        {
            throw new InvalidDataException($"'{path}' is no NumPy .npy file: it does not begin as one.");
        }
        // Two bytes hold the length in version 1, four after it.
        var isShort = head[6] == 1;
        if (head[6] is < 1 or > 3 || (!isShort && head.Length < 12))
        {
            throw new InvalidDataException($"'{path}' is of version {head[6]}.{head[7]}; 1.0 to 3.0 are read.");
        }
        var start = isShort ? 10 : 12;
        var size = isShort
            ? BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(8))
            : BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(8));
        if (size > length - start)
        {
            throw new InvalidDataException($"'{path}' is cut off in its header.");
        }
        if (size > Longest)
        {
            throw new InvalidDataException($"'{path}' has a header of {size} bytes; at most {Longest} are read.");
        }
        var text = Encoding.UTF8.GetString(Bytes(file, start, (int)size));
        var found = Parsed(text, path) with { Start = start + size };
        found.Check(text, length, path);
        return found;
    }

    private static NumpyHeader Parsed(string text, string path)
    {
        var (type, shape) = (TypeOf().Match(text), ShapeOf().Match(text));
        if (!type.Success || !shape.Success)
        {
            throw new InvalidDataException(
                $"'{path}' must hold an array of numbers of one kind; its header says {text.Trim()}"
            );
        }
        var sizes = shape
            .Groups["sizes"]
            .Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(number =>
                long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                    ? size
                    : throw new InvalidDataException($"'{path}' says in its header that a size is '{number}'.")
            )
            .ToArray();
        return new NumpyHeader(type.Groups["kind"].Value, sizes, 0);
    }

    private void Check(string text, long length, string path)
    {
        if (!text.Contains("'fortran_order': False", StringComparison.Ordinal) && Shape.Length > 1)
        {
            throw new InvalidDataException(
                $"'{path}' holds its numbers column by column (Fortran order); rows are read from files in C order: "
                    + "save numpy.ascontiguousarray(array)."
            );
        }
        // In floating point, whatever the header says.
        var needed = Start + Shape.Aggregate((double)Size, (product, size) => product * size);
        if (needed != length)
        {
            throw new InvalidDataException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"'{path}' must have {needed:F0} bytes for {Type} [{string.Join(", ", Shape)}]; it has {length}: "
                ) + (length < needed ? "it is cut off." : "something else follows the array.")
            );
        }
    }

    private static byte[] Bytes(SafeFileHandle file, long start, int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count; )
        {
            var more = RandomAccess.Read(file, bytes.AsSpan(read), start + read);
            read += more > 0 ? more : throw new EndOfStreamException("the file has become shorter.");
        }
        return bytes;
    }

    [GeneratedRegex(@"'descr':\s*'(?<kind>[<|][fiu][1248])'", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TypeOf();

    [GeneratedRegex(@"'shape':\s*\((?<sizes>[0-9, ]*)\)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ShapeOf();
}
