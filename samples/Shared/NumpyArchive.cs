using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Samples.Shared;

/// <summary>
/// Reads NumPy's <c>.npz</c>: a zip archive of <c>.npy</c> files, each an array behind a one-line header that states
/// its type, order and shape. Arrays of little-endian numbers are read, matrices in either order.
/// </summary>
public sealed partial class NumpyArchive : IDisposable
{
    private static readonly Dictionary<Type, string> Types = new()
    {
        [typeof(byte)] = "|u1",
        [typeof(ushort)] = "<u2",
        [typeof(short)] = "<i2",
        [typeof(int)] = "<i4",
        [typeof(Half)] = "<f2",
        [typeof(float)] = "<f4",
    };

    private readonly ZipArchive _archive;
    private readonly string _path;

    /// <summary>Opens an archive.</summary>
    public NumpyArchive(string path)
    {
        _path = path;
        _archive = ZipFile.OpenRead(path);
    }

    /// <summary>Reads an array, row by row.</summary>
    /// <typeparam name="T">The type of its numbers: byte, ushort, short, int, Half or float.</typeparam>
    /// <exception cref="InvalidDataException">There is no such array, or it holds something else.</exception>
    public (int[] Shape, T[] Values) Read<T>(string name)
        where T : unmanaged
    {
        var entry =
            _archive.GetEntry(name + ".npy")
            ?? throw new InvalidDataException(
                $"'{_path}' holds no array '{name}'; it holds "
                    + $"{string.Join(", ", _archive.Entries.Select(e => e.Name))}."
            );
        using var stream = entry.Open();
        var header = Header(stream, name);
        var declared = TypePattern().Match(header).Groups["type"].Value;
        if (declared != Types[typeof(T)])
        {
            throw new InvalidDataException(
                $"'{_path}': '{name}' must be an array of type {Types[typeof(T)]}, but its header says {header.Trim()}."
            );
        }

        var shape = Array.ConvertAll(
            ShapePattern()
                .Match(header)
                .Groups["shape"]
                .Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            dimension => int.Parse(dimension, CultureInfo.InvariantCulture)
        );
        var values = new T[shape.Aggregate(1, (product, dimension) => checked(product * dimension))];
        stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return (
            shape,
            header.Contains("'fortran_order': True", StringComparison.Ordinal) ? ByRow(shape, values) : values
        );
    }

    /// <inheritdoc/>
    public void Dispose() => _archive.Dispose();

    private static T[] ByRow<T>(int[] shape, T[] byColumn)
    {
        if (shape.Length < 2)
        {
            return byColumn;
        }

        if (shape.Length > 2)
        {
            throw new InvalidDataException(
                $"only matrices are read in Fortran's order, not {shape.Length} dimensions."
            );
        }

        var values = new T[byColumn.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = byColumn[(i % shape[1] * shape[0]) + (i / shape[1])];
        }

        return values;
    }

    /// <summary>
    /// The magic bytes, a version, the header's length (2 bytes before version 2, then 4), the header.
    /// </summary>
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
