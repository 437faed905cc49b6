using System.IO.Compression;
using System.Text;
using DigitAdaptation.Digits;

namespace DigitAdaptation.Tests;

public sealed class NumpyArchiveTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void ReadSingles_Float32Matrix_ReturnsShapeAndValues()
    {
        Save(
            "a",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }",
            [0, 0, 128, 63, 0, 0, 0, 192, 0, 0, 0, 0, 0, 0, 0, 63]
        );
        using var archive = new NumpyArchive(_path);

        var (shape, values) = archive.ReadSingles("a");

        Assert.Equal([2, 2], shape);
        Assert.Equal([1f, -2f, 0f, 0.5f], values);
    }

    [Fact]
    public void ReadBytes_Vector_ReturnsShapeAndValues()
    {
        Save("labels", "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }", [7, 0, 9]);
        using var archive = new NumpyArchive(_path);

        var (shape, values) = archive.ReadBytes("labels");

        Assert.Equal([3], shape);
        Assert.Equal([7, 0, 9], values);
    }

    [Theory]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }")]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }")]
    public void ReadSingles_OtherTypeOrOrder_SaysWhatItFound(string header)
    {
        Save("a", header, new byte[8]);
        using var archive = new NumpyArchive(_path);

        var error = Assert.Throws<InvalidDataException>(() => archive.ReadSingles("a"));

        Assert.Contains(header, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadSingles_MissingArray_NamesThoseThatAreThere()
    {
        Save("train_x", "{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }", []);
        using var archive = new NumpyArchive(_path);

        var error = Assert.Throws<InvalidDataException>(() => archive.ReadSingles("test_x"));

        Assert.Contains("train_x.npy", error.Message, StringComparison.Ordinal);
    }

    private void Save(string name, string header, byte[] values)
    {
        using var archive = new ZipArchive(File.Create(_path), ZipArchiveMode.Create);
        using var entry = archive.CreateEntry(name + ".npy").Open();
        entry.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0]);
        entry.Write(Encoding.Latin1.GetBytes(header));
        entry.Write(values);
    }
}
