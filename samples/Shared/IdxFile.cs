using System.Buffers.Binary;
using System.IO.Compression;

namespace Samples.Shared;

/// <summary>
/// Reads the idx format of MNIST: two zero bytes, the type of the elements (8 is an unsigned byte), the number of
/// dimensions, each dimension as a big-endian 32-bit number, then the elements. Files may be compressed with gzip.
/// </summary>
public static class IdxFile
{
    /// <summary>Reads a file of unsigned bytes.</summary>
    /// <param name="path">The file; a name that ends in <c>.gz</c> is unpacked on the way.</param>
    /// <exception cref="InvalidDataException">It is no idx file of bytes, or it is cut short.</exception>
    public static (int[] Dimensions, byte[] Elements) Read(string path)
    {
        using var file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(file, CompressionMode.Decompress)
            : file;
        try
        {
            Span<byte> header = stackalloc byte[4];
            stream.ReadExactly(header);
            if (header[0] != 0 || header[1] != 0 || header[2] != 8)
            {
                throw new InvalidDataException($"'{path}' is no idx file of unsigned bytes.");
            }

            var dimensions = new int[header[3]];
            var elements = 1;
            for (var i = 0; i < dimensions.Length; i++)
            {
                stream.ReadExactly(header);
                dimensions[i] = BinaryPrimitives.ReadInt32BigEndian(header);
                elements = checked(elements * dimensions[i]);
            }

            var content = new byte[elements];
            stream.ReadExactly(content);
            return (dimensions, content);
        }
        catch (EndOfStreamException cause)
        {
            throw new InvalidDataException($"'{path}' ends before its last element.", cause);
        }
    }
}
