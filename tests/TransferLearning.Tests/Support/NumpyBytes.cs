using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Support;

/// <summary>Arrays of small whole numbers, or of single floats, from NumPy's .npz files, in either order.</summary>
internal static partial class NumpyBytes
{
    /// <summary>One array: whole numbers as int64, floats as float32.</summary>
    public static Tensor Read(string path, string name)
    {
        using var archive = ZipFile.OpenRead(path);
        using var stream = archive.GetEntry(name + ".npy")!.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        var bytes = copy.ToArray();
        var start = 10 + BitConverter.ToUInt16(bytes, 8);
        var header = System.Text.Encoding.ASCII.GetString(bytes, 10, start - 10);
        var shape = Number()
            .Matches(header[header.IndexOf('(', StringComparison.Ordinal)..])
            .Select(match => long.Parse(match.Value, CultureInfo.InvariantCulture))
            .ToArray();
        var isFortran = header.Contains("'fortran_order': True", StringComparison.Ordinal);
        var values =
            header.Contains("'<f4'", StringComparison.Ordinal)
                ? tensor(MemoryMarshal.Cast<byte, float>(bytes.AsSpan(start)).ToArray())
            : header.Contains("'<f2'", StringComparison.Ordinal)
                ? tensor(MemoryMarshal.Cast<byte, Half>(bytes.AsSpan(start)).ToArray())
            : tensor(Numbers(bytes.AsSpan(start), header));
        return isFortran && shape.Length == 2
            ? values.reshape(shape[1], shape[0]).t().contiguous()
            : values.reshape(shape);
    }

    private static long[] Numbers(ReadOnlySpan<byte> bytes, string header)
    {
        if (header.Contains("'|u1'", StringComparison.Ordinal))
        {
            return [.. bytes.ToArray().Select(value => (long)value)];
        }
        if (header.Contains("'<u2'", StringComparison.Ordinal))
        {
            return [.. MemoryMarshal.Cast<byte, ushort>(bytes).ToArray().Select(value => (long)value)];
        }
        Assert.Contains("'<i4'", header, StringComparison.Ordinal);
        return [.. MemoryMarshal.Cast<byte, int>(bytes).ToArray().Select(value => (long)value)];
    }

    [GeneratedRegex(@"\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Number();
}
