using System.IO.Compression;
using System.Text;
using Samples.Shared;

namespace DigitAdaptation.Tests;

public sealed class NumpyArchiveTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Read_Float32Matrix_ReturnsShapeAndValues()
    {
        Save(
            "a",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }",
            [0, 0, 128, 63, 0, 0, 0, 192, 0, 0, 0, 0, 0, 0, 0, 63]
        );
        using var archive = new NumpyArchive(_path);

        var (shape, values) = archive.Read<float>("a");

        Assert.Equal([2, 2], shape);
        Assert.Equal([1f, -2f, 0f, 0.5f], values);
    }

    [Fact]
    public void Read_Bytes_ReturnsShapeAndValues()
    {
        Save("labels", "{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }", [7, 0, 9]);
        using var archive = new NumpyArchive(_path);

        var (shape, values) = archive.Read<byte>("labels");

        Assert.Equal([3], shape);
        Assert.Equal([7, 0, 9], values);
    }

    [Fact]
    public void Read_MatrixByColumns_ReturnsItByRows()
    {
        Save("a", "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", [1, 4, 2, 5, 3, 6]);
        using var archive = new NumpyArchive(_path);

        var (shape, values) = archive.Read<byte>("a");

        Assert.Equal([2, 3], shape);
        Assert.Equal([1, 2, 3, 4, 5, 6], values);
    }

    [Fact]
    public void Read_OtherType_SaysWhatItFound()
    {
        const string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }";
        Save("a", header, new byte[8]);
        using var archive = new NumpyArchive(_path);

        var error = Assert.Throws<InvalidDataException>(() => archive.Read<float>("a"));

        Assert.Contains(header, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MissingArray_NamesThoseThatAreThere()
    {
        Save("train_x", "{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }", []);
        using var archive = new NumpyArchive(_path);

        var error = Assert.Throws<InvalidDataException>(() => archive.Read<float>("test_x"));

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
