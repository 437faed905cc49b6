using Parquet;
using Parquet.Schema;
using TransferLearning.Tabular;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Tabular;

/// <summary>Rows of Parquet files that stay on disk.</summary>
public sealed class ParquetRowsTests : IDisposable
{
    private static readonly int[] Sizes = [5, 3, 4];
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder work = new();

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Read_OfDrawnRows_GivesThoseOfTheTable(int cachedGroups)
    {
        var (encoder, table) = await Written();
        using var rows = encoder.ParquetRows(work.File("rows.parquet"), cachedGroups);

        var domain = encoder.Labeled(rows);
        var whole = encoder.Labeled(table);

        Assert.Equal((12L, 3), (rows.Count, rows.Groups));
        Assert.Equal(whole.Labels, domain.Labels);
        Assert.Equal(whole.Weights!, domain.Weights!);
        Assert.Equal(whole.Space, domain.Space);
        foreach (
            var drawn in new long[][] { [11, 0, 5, 4, 4, 8, 7], [2], [5, 6, 7], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] }
        )
        {
            Assert.Equal(whole.Inputs.index_select(0, tensor(drawn)), rows.Read(tensor(drawn)));
        }
        Assert.Equal([0L, whole.Inputs.shape[1]], rows.Read(empty(0, int64)).shape);
        Parallel.For(0, 20, row => rows.Read(tensor(new[] { row % 12L, 11L - (row % 12) })).Dispose());
    }

    [Fact]
    public async Task Read_OfAFaultyNumberOrAfterTheEnd_IsRefused()
    {
        var (encoder, _) = await Written();
        var rows = encoder.ParquetRows(work.File("rows.parquet"));

        Assert.Throws<ArgumentOutOfRangeException>(() => rows.Read(tensor(new[] { 12L })));
        Assert.Throws<ArgumentOutOfRangeException>(() => rows.Read(tensor(new[] { -1L })));
        var other = new TableEncoding { Label = "kind" }.Fit(Table.ReadCsv(new StringReader("size,kind\n1,a\n")));
        Assert.Equal("rows", Assert.Throws<ArgumentException>(() => other.Labeled(rows)).ParamName);
        rows.Dispose();
        rows.Dispose();
        Assert.Throws<ObjectDisposedException>(() => rows.Read(tensor(new[] { 1L })));
    }

    [Fact]
    public async Task Open_OfAnotherFile_SaysWhatItLacks()
    {
        var (encoder, _) = await Written();
        await File.WriteAllTextAsync(work.File("odd.parquet"), "no Parquet file", Canceled);
        var wider = new TableEncoding().Fit(Table.ReadCsv(new StringReader("size,height\n1,2\n")));

        var fault = Assert.Throws<InvalidDataException>(() => encoder.ParquetRows(work.File("odd.parquet")));
        var missing = Assert.Throws<ArgumentException>(() => wider.ParquetRows(work.File("rows.parquet")));

        Assert.Contains("odd.parquet", fault.Message, StringComparison.Ordinal);
        Assert.Contains("'height'", missing.Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => encoder.ParquetRows(work.File("none.parquet")));
        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.ParquetRows(work.File("rows.parquet"), 0));
    }

    // Rows are counted in the file, and not in their group.
    [Fact]
    public async Task Read_OfABadCell_NamesItsRowInTheFile()
    {
        await Written();
        var strict = new TableEncoding { Label = "kind", Ignore = ["weight"] }.Fit(
            Table.ReadCsv(new StringReader("size,kind,weight\n1,a,1\n2,b,1\n"))
        );
        using var rows = strict.ParquetRows(work.File("rows.parquet"));

        var cell = Assert.Throws<ArgumentException>(() => rows.Read(tensor(new[] { 9L })));

        Assert.Contains("row 10", cell.Message, StringComparison.Ordinal); // the first that lacks its size
    }

    public void Dispose()
    {
        scope.Dispose();
        work.Dispose();
    }

    // Groups of 5, 3 and 4 rows; row 10 has no size.
    private async Task<(TableEncoder Encoder, Table Table)> Written()
    {
        var path = work.File("rows.parquet");
        var (size, kind, weight) = (
            new DataField<double?>("size"),
            new DataField<string>("kind"),
            new DataField<float>("weight")
        );
        await using (var file = File.Create(path))
        {
            await using var writer = await ParquetWriter.CreateAsync(
                new ParquetSchema(size, kind, weight),
                file,
                cancellationToken: Canceled
            );
            var start = 0;
            foreach (var count in Sizes)
            {
                int[] numbers = [.. Enumerable.Range(start, count)];
                using var rows = writer.CreateRowGroup();
                double?[] sizes = [.. numbers.Select(row => row == 10 ? null : (double?)(row * 1.5))];
                await rows.WriteAsync<double>(size, sizes, null, null, Canceled);
                await rows.WriteAsync(kind, numbers.Select(row => "ab"[row % 2].ToString()).ToArray());
                await rows.WriteAsync<float>(weight, numbers.Select(row => 1f + row).ToArray(), null, null, Canceled);
                start += count;
            }
        }
        var table = await Table.ReadParquetAsync(path, Canceled);
        var encoding = new TableEncoding
        {
            Label = "kind",
            Weight = "weight",
            Missing = MissingValues.Median,
        };
        return (encoding.Fit(table), table);
    }
}
