using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace DigitAdaptation.Digits;

/// <summary>
/// Reads NumPy's <c>.npz</c>: a zip archive of <c>.npy</c> files, each an array behind a one-line header that states
/// its type, order and shape. Little-endian float32 and unsigned bytes in C order are read; that is what the digit
/// sets use.
/// </summary>
public sealed partial class NumpyArchive : IDisposable
{
    private readonly ZipArchive _archive;
    private readonly string _path;

    /// <summary>Opens an archive.</summary>
    public NumpyArchive(string path)
    {
        _path = path;
        _archive = ZipFile.OpenRead(path);
    }

    /// <summary>Reads an array of float32.</summary>
    /// <exception cref="InvalidDataException">There is no such array, or it holds something else.</exception>
    public (int[] Shape, float[] Values) ReadSingles(string name)
    {
        var (shape, bytes) = Read(name, "<f4", sizeof(float));
        return (shape, MemoryMarshal.Cast<byte, float>(bytes).ToArray());
    }

    /// <summary>Reads an array of unsigned bytes.</summary>
    /// <exception cref="InvalidDataException">There is no such array, or it holds something else.</exception>
    public (int[] Shape, byte[] Values) ReadBytes(string name) => Read(name, "|u1", sizeof(byte));

    /// <inheritdoc/>
    public void Dispose() => _archive.Dispose();

    private (int[] Shape, byte[] Bytes) Read(string name, string type, int size)
    {
        var entry =
            _archive.GetEntry(name + ".npy")
            ?? throw new InvalidDataException(
                $"'{_path}' holds no array '{name}'; it holds {string.Join(", ", _archive.Entries.Select(e => e.Name))}."
            );
        using var stream = entry.Open();
        var header = Header(stream, name);
        var declared = TypePattern().Match(header).Groups["type"].Value;
        if (declared != type || !header.Contains("'fortran_order': False", StringComparison.Ordinal))
        {
            throw new InvalidDataException(
                $"'{_path}': '{name}' must be an array of type {type} in C order, but its header says {header.Trim()}."
            );
        }

        var shape = Array.ConvertAll(
            ShapePattern()
                .Match(header)
                .Groups["shape"]
                .Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            dimension => int.Parse(dimension, CultureInfo.InvariantCulture)
        );
        var bytes = new byte[shape.Aggregate(size, (product, dimension) => checked(product * dimension))];
        stream.ReadExactly(bytes);
        return (shape, bytes);
    }

    /// <summary>The magic bytes, a version, the header's length (2 bytes before version 2, then 4), the header.</summary>
    private string Header(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[8];
        stream.ReadExactly(start);
        if (start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
        {
            throw new InvalidDataException($"'{_path}': '{name}' is no NumPy array.");
        }

        Span<byte> length = stackalloc byte[4];
        length.Clear();
        stream.ReadExactly(start[6] == 1 ? length[..2] : length);
        var header = new byte[BitConverter.ToInt32(length)];
        stream.ReadExactly(header);
        return Encoding.Latin1.GetString(header);
    }

    [GeneratedRegex("'descr': '(?<type>[^']*)'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TypePattern();

    [GeneratedRegex(@"'shape': \((?<shape>[^)]*)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ShapePattern();
}
