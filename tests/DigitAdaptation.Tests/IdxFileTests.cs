using System.IO.Compression;
using Samples.Shared;

namespace DigitAdaptation.Tests;

public sealed class IdxFileTests : IDisposable
{
    private static readonly byte[] TwoByThree = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 250];

    private readonly string _folder = Directory.CreateTempSubdirectory("idx").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_PlainFile_ReturnsDimensionsAndElements()
    {
        var (dimensions, elements) = IdxFile.Read(Save("plain.idx", TwoByThree));

        Assert.Equal([2, 3], dimensions);
        Assert.Equal([1, 2, 3, 4, 5, 250], elements);
    }

    [Fact]
    public void Read_CompressedFile_UnpacksIt()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(TwoByThree);
        }

        var (_, elements) = IdxFile.Read(Save("packed.gz", packed.ToArray()));

        Assert.Equal([1, 2, 3, 4, 5, 250], elements);
    }

    [Fact]
    public void Read_FileCutShort_SaysSo()
    {
        var path = Save("short.idx", TwoByThree[..^1]);

        var error = Assert.Throws<InvalidDataException>(() => IdxFile.Read(path));

        Assert.Contains("ends before its last element", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ForeignFile_SaysSo()
    {
        var path = Save("foreign.idx", "PK\x03\x04 and so on"u8.ToArray());

        var error = Assert.Throws<InvalidDataException>(() => IdxFile.Read(path));

        Assert.Contains("no idx file", error.Message, StringComparison.Ordinal);
    }

    private string Save(string name, byte[] content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
