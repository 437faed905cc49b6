using Microsoft.Data.Analysis;
using Parquet;
using Parquet.Schema;
using TransferLearning.Tabular;
using TransferLearning.Tests.Support;

namespace TransferLearning.Tests.Tabular;

/// <summary>Tables from files and data frames.</summary>
public sealed class TableTests : IDisposable
{
    private readonly TemporaryFolder work = new();

    [Fact]
    public void ReadCsv_NumbersTextsAndMissingCells_AreWhatTheyAre()
    {
        var table = Csv(
            """
            age,city,income
            31, Berlin ,1.5e3
            NA,"New York, NY",-2

            40,?,
            """
        );

        Assert.Equal(["age", "city", "income"], table.Columns.Select(column => column.Name));
        Assert.Equal([31, double.NaN, 40], table["age"].Numbers);
        Assert.Equal(["Berlin", "New York, NY", null], table["city"].Texts);
        Assert.Equal([1500, -2, double.NaN], table["income"].Numbers);
        Assert.Equal(1, table["city"].MissingCount);
        Assert.Equal("3 rows of age, city, income", table.ToString());
    }

    [Theory]
    [InlineData("a;b\n1;2,5\n", "2,5")]
    [InlineData("a\tb\n1\tx y\n", "x y")]
    public void ReadCsv_OtherDelimiters_AreDetected(string text, string cell) =>
        Assert.Equal([cell], Csv(text)["b"].Texts);

    [Theory]
    [InlineData('"')]
    [InlineData('\n')]
    [InlineData('a')]
    public void ReadCsv_ADelimiterThatIsNone_IsRefusedByName(char delimiter) =>
        Assert.Contains(
            "CsvFormat.Delimiter",
            Assert.Throws<ArgumentException>(() => Csv("a,b\n1,2\n", new CsvFormat { Delimiter = delimiter })).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("")]
    [InlineData("no Parquet file")]
    [InlineData("PAR1\u0001\u0002\u0003\u0004\u0005\u007F\0\0\0PAR1")]
    public async Task ReadParquet_OfAnotherFile_NamesIt(string text)
    {
        await File.WriteAllTextAsync(work.File("odd.parquet"), text, TestContext.Current.CancellationToken);

        var fault = await Assert.ThrowsAsync<InvalidDataException>(() =>
            Table.ReadParquetAsync(work.File("odd.parquet"), TestContext.Current.CancellationToken)
        );

        Assert.Contains("odd.parquet", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadCsv_WithoutHeader_NamesColumnsByNumber()
    {
        var table = Csv("1,x\n2,y\n", new CsvFormat { HasHeader = false });

        Assert.Equal([1, 2], table["0"].Numbers);
        Assert.Equal(["x", "y"], table["1"].Texts);
    }

    [Theory]
    [InlineData("", "no CSV file")]
    [InlineData("a,a\n1,2\n", "two columns named 'a'")]
    [InlineData("a,\n1,2\n", "without a name")]
    [InlineData("a,b\n1,2,3\n", "record 1: 3 cells")]
    [InlineData("a,b\n1,2\n3\n", "record 2: 1 cells")]
    [InlineData("a,b\n1,\"open\n", "quote")]
    public void ReadCsv_Broken_SaysWhatIsWrong(string text, string message) =>
        Assert.Contains(
            message,
            Assert.Throws<InvalidDataException>(() => Csv(text)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void ReadCsv_InAnotherCulture_ReadsTheSameNumbers()
    {
        var before = Thread.CurrentThread.CurrentCulture;
        Thread.CurrentThread.CurrentCulture = new System.Globalization.CultureInfo("", useUserOverride: false)
        {
            NumberFormat = { NumberDecimalSeparator = ",", NumberGroupSeparator = "." },
        };
        try
        {
            Assert.Equal([1.25], Csv("a,b\n1.25,2\n")["a"].Numbers);
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = before;
        }
    }

    [Fact]
    public async Task ReadParquet_NumbersTextsAndMissingCells_AreWhatTheyAre()
    {
        var path = work.File("rows.parquet");
        var (count, share, name) = (
            new DataField<int>("count"),
            new DataField<double?>("share"),
            new DataField<string>("name")
        );
        await using (var file = File.Create(path))
        {
            await using var writer = await ParquetWriter.CreateAsync(
                new ParquetSchema(count, share, name),
                file,
                cancellationToken: Canceled
            );
            for (var group = 0; group < 2; group++)
            {
                using var rows = writer.CreateRowGroup();
                await rows.WriteAsync<int>(count, new[] { 3 + group, 4 }, null, null, Canceled);
                await rows.WriteAsync<double>(share, new double?[] { 0.5, null }, null, null, Canceled);
                await rows.WriteAsync(name, new[] { "x", null! });
            }
        }

        var table = await Table.ReadParquetAsync(path, Canceled);

        Assert.Equal([3, 4, 4, 4], table["count"].Numbers);
        Assert.Equal([0.5, double.NaN, 0.5, double.NaN], table["share"].Numbers);
        Assert.Equal(["x", null, "x", null], table["name"].Texts);
    }

    [Fact]
    public void From_DataFrame_TakesItsColumns()
    {
        var frame = new DataFrame(
            new Int32DataFrameColumn("count", [3, null]),
            new BooleanDataFrameColumn("is new", [true, false]),
            new StringDataFrameColumn("name", ["x", null])
        );

        var table = Table.From(frame);

        Assert.Equal([3, double.NaN], table["count"].Numbers);
        Assert.Equal([1, 0], table["is new"].Numbers);
        Assert.Equal(["x", null], table["name"].Texts);
    }

    [Fact]
    public void SplitBy_AColumn_GivesEachValuesRows()
    {
        var parts = Csv("land,x\nde,1\nfr,2\n,3\nde,4\n").SplitBy("land");

        Assert.Equal(["de", "fr"], parts.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([1, 4], parts["de"]["x"].Numbers);
    }

    [Fact]
    public void Columns_ThatDoNotFit_AreRefused()
    {
        var one = new TableColumn("a", [1.0]);
        Assert.Throws<ArgumentException>(() => new Table([]));
        Assert.Throws<ArgumentException>(() => new Table([one, new TableColumn("a", ["x"])]));
        Assert.Throws<ArgumentException>(() => new Table([one, new TableColumn("b", ["x", "y"])]));
        Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => new Table([one])["b"]).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Table([one]).Rows([1]));
        Assert.Throws<InvalidOperationException>(() => one.Texts);
        Assert.Throws<InvalidOperationException>(() => new TableColumn("a", ["x"]).Numbers);
    }

    public void Dispose() => work.Dispose();

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;

    private static Table Csv(string text, CsvFormat? format = null) => Table.ReadCsv(new StringReader(text), format);
}
