using System.Text;
using TransferLearning.Data;
using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Training;

/// <summary>Rows of NumPy files on disk.</summary>
public sealed class NumpyRowsTests : IDisposable
{
    // numpy.save of (arange(12).reshape(4, 3) / 4).astype('float32'), NumPy 1.24.2.
    private const string Saved =
        "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDQsIDMpLCB9ICAg"
        + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPgAAAD8AAEA/"
        + "AACAPwAAoD8AAMA/AADgPwAAAEAAABBAAAAgQAAAMEA=";

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder work = new();

    [Fact]
    public void Read_OfAFileThatNumPySaved_GivesItsRowsInTheOrderAsked()
    {
        File.WriteAllBytes(work.File("a.npy"), Convert.FromBase64String(Saved));
        using var rows = new NumpyRows(work.File("a.npy"));

        var read = rows.Read(tensor(new[] { 3L, 0, 1, 1 }));

        Assert.Equal((4L, 3L), (rows.Count, rows.RowShape.Single()));
        Assert.Equal(float32, read.dtype);
        Assert.Equal(
            [2.25f, 2.5f, 2.75f, 0, 0.25f, 0.5f, 0.75f, 1, 1.25f, 0.75f, 1, 1.25f],
            read.flatten().data<float>().ToArray()
        );
        Assert.Equal([0L, 3], rows.Read(empty(0, int64)).shape);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Read_OfEveryVersion_IsTheSame(int version)
    {
        var path = Write("'<f8'", "(2, 2)", tensor(new[] { 1.5, -2, 3, 4 }).bytes, version: version);
        using var rows = new NumpyRows(path);

        Assert.Equal([1.5, -2, 3, 4], rows.Read(arange(2, dtype: int64)).flatten().data<double>().ToArray());
    }

    [Fact]
    public void Read_OfHalfPrecisionImages_GivesFloat32OfTheirShape()
    {
        var images = rand(5, 3, 4, 4).to(float16);
        using var rows = new NumpyRows(Write("'<f2'", "(5, 3, 4, 4)", images.bytes));

        var read = rows.Read(tensor(new[] { 4L, 2 }));

        Assert.Equal([3L, 4, 4], rows.RowShape);
        Assert.Equal(images.to(float32).index_select(0, tensor(new[] { 4L, 2 })), read);
    }

    [Fact]
    public void Domain_OfAFile_GivesTheMapOfTheTensor()
    {
        var (source, target) = (FormulaRows.Source(), FormulaRows.Target());
        using var rows = new NumpyRows(Write("'<f8'", "(14, 3)", source.contiguous().bytes));
        using var ahead = rows.ReadAhead();
        var (labels, aims) = (zeros(14, int64), new UnlabeledDomain(target));

        Tensor Mapped(LabeledDomain domain) =>
            new CorrelationAlignment()
                .Fit(new DomainSet([domain], aims), new FitContext())
                .For(DomainId.Source(0))
                .Extract(source);

        Assert.Equal(Mapped(new LabeledDomain(source, labels)), Mapped(new LabeledDomain(ahead, labels)));
    }

    [Fact]
    public async Task Read_ByThreads_IsThatOfOne()
    {
        var all = randn(200, 7);
        using var rows = new NumpyRows(Write("'<f4'", "(200, 7)", all.bytes));
        var works = Enumerable
            .Range(0, 4)
            .Select(worker =>
                Task.Run(
                    () =>
                    {
                        for (var turn = 0; turn < 50; turn++)
                        {
                            using var inner = NewDisposeScope();
                            var which = (arange(20, dtype: int64) * (worker + 3)) + turn;
                            Assert.Equal(all.index_select(0, which), rows.Read(which));
                        }
                    },
                    TestContext.Current.CancellationToken
                )
            );

        await Task.WhenAll(works);
    }

    [Theory]
    [InlineData("'<i8'", 8, "whole")]
    [InlineData("'<i4'", 4, "whole")]
    [InlineData("'<i2'", 2, "whole")]
    [InlineData("'|i1'", 1, "whole")]
    [InlineData("'|u1'", 1, "whole")]
    [InlineData("'<f4'", 4, "float")]
    public void Labels_OfEveryKind_AreRead(string kind, int size, string what)
    {
        var numbers = tensor(new[] { 2L, 0, 1 });
        var stored = (kind, size) switch
        {
            ("'<f4'", _) => numbers.to(float32),
            ("'|u1'", _) => numbers.to(uint8),
            (_, 8) => numbers,
            (_, 4) => numbers.to(int32),
            (_, 2) => numbers.to(int16),
            _ => numbers.to(int8),
        };

        var read = NumpyRows.Labels(Write(kind, "(3,)", stored.bytes));

        Assert.Equal(what == "whole" ? int64 : float32, read.dtype);
        Assert.Equal([2L, 0, 1], read.to(int64).data<long>().ToArray());
        Assert.Equal(read, NumpyRows.Labels(Write(kind, "(3, 1)", stored.bytes)));
    }

    [Theory]
    [InlineData("'>f4'", "(2, 2)", 16, "of one kind")]
    [InlineData("'<i4'", "(2, 2)", 16, "'<i4'")]
    [InlineData("[('x', '<f4')]", "(2, 2)", 16, "of one kind")]
    [InlineData("'<f4'", "(2, 2)", 15, "it is cut off")]
    [InlineData("'<f4'", "(2, 2)", 20, "something else follows")]
    [InlineData("'<f4'", "(4,)", 16, "[n, ...]")]
    [InlineData("'<f4'", "(0, 3)", 0, "at least one row")]
    [InlineData("'<f4'", "(99999999999999999999, 3)", 0, "99999999999999999999")]
    [InlineData("'<f4'", "(999999999999999999, 999999999999)", 0, "it is cut off")]
    public void Open_OfAnotherFile_SaysWhatItIs(string kind, string shape, int bytes, string message)
    {
        var path = Write(kind, shape, new byte[bytes]);

        var fault = Assert.Throws<InvalidDataException>(() => new NumpyRows(path));

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Contains(path, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OfColumnsFirstOrNoNumPyFile_SaysSo()
    {
        string Told(string path) => Assert.Throws<InvalidDataException>(() => new NumpyRows(path)).Message;
        Assert.Contains(
            "Fortran",
            Told(Write("'<f4'", "(2, 2)", new byte[16], order: "True")),
            StringComparison.Ordinal
        );
        File.WriteAllText(work.File("text.npy"), "1,2\n3,4\n");
        Assert.Contains("no NumPy", Told(work.File("text.npy")), StringComparison.Ordinal);
        File.WriteAllBytes(work.File("head.npy"), Convert.FromBase64String(Saved)[..60]);
        Assert.Contains("in its header", Told(work.File("head.npy")), StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => new NumpyRows(work.File("none.npy")));
        Assert.Throws<InvalidDataException>(() => NumpyRows.Labels(Write("'<f4'", "(2, 2)", new byte[16])));
    }

    [Fact]
    public void Read_OfAFaultyNumberOrAShorterFile_IsRefused()
    {
        var path = Write("'<f4'", "(4, 2)", new byte[32]);
        using var rows = new NumpyRows(path);
        Assert.Throws<ArgumentOutOfRangeException>(() => rows.Read(tensor(new[] { 4L })));
        Assert.Throws<ArgumentOutOfRangeException>(() => rows.Read(tensor(new[] { -1L })));

        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(file.Length - 8);
        }

        Assert.Throws<EndOfStreamException>(() => rows.Read(tensor(new[] { 3L })));
        rows.Dispose();
        Assert.Throws<ObjectDisposedException>(() => rows.Read(tensor(new[] { 0L })));
    }

    public void Dispose()
    {
        scope.Dispose();
        work.Dispose();
    }

    private string Write(string kind, string shape, ReadOnlySpan<byte> numbers, string order = "False", int version = 1)
    {
        var path = work.File($"{Guid.NewGuid():N}.npy");
        var text = Encoding.UTF8.GetBytes($"{{'descr': {kind}, 'fortran_order': {order}, 'shape': {shape}, }}\n");
        using var file = new BinaryWriter(File.Create(path));
        file.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', (byte)version, 0]);
        if (version == 1)
        {
            file.Write((ushort)text.Length);
        }
        else
        {
            file.Write((uint)text.Length);
        }
        file.Write(text);
        file.Write(numbers);
        return path;
    }
}
