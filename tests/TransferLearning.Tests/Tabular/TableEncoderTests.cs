using System.Text;
using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tabular;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Tabular;

/// <summary>Tables as domains.</summary>
public sealed class TableEncoderTests : IDisposable
{
    private const string Source = """
        id,age,city,kind
        1,20,Berlin,cat
        2,40,Paris,dog
        3,30,Berlin,cat
        """;
    private const string Target = """
        id,age,city
        7,50,Rome
        8,60,Paris
        """;
    private static readonly TableEncoding Animals = new() { Label = "kind", Ignore = ["id"] };

    private readonly DisposeScope scope = NewDisposeScope();
    private readonly TemporaryFolder work = new();

    [Fact]
    public void Labeled_NumbersAndTexts_AreFeaturesByName()
    {
        var encoder = Animals.Fit(Csv(Source), Csv(Target));

        var domain = encoder.Labeled(Csv(Source));

        Assert.Equal(["age", "city=Berlin", "city=Paris", "city=Rome"], encoder.Features);
        Assert.Equal(
            tensor(
                new float[,]
                {
                    { 20, 1, 0, 0 },
                    { 40, 0, 1, 0 },
                    { 30, 1, 0, 0 },
                }
            ),
            domain.Inputs
        );
        Assert.Equal([0L, 1, 0], domain.Labels.data<long>().ToArray());
        Assert.Equal(["cat", "dog"], domain.Space.Names);
        Assert.Equal(
            tensor(
                new float[,]
                {
                    { 50, 0, 0, 1 },
                    { 60, 0, 1, 0 },
                }
            ),
            encoder.Unlabeled(Csv(Target)).Inputs
        );
    }

    [Fact]
    public void Labeled_NumberLabels_AreValuesOrClassesInTheirOrder()
    {
        var table = Csv("x,y\n1,10\n2,2\n3,10\n");

        var values = new TableEncoding { Label = "y" }
            .Fit(table)
            .Labeled(table);
        var classes = new TableEncoding { Label = "y", LabelIsClass = true }
            .Fit(table)
            .Labeled(table);

        Assert.Equal([10f, 2, 10], values.Labels.data<float>().ToArray());
        Assert.False(values.Space.IsClasses);
        Assert.Equal(["2", "10"], classes.Space.Names);
        Assert.Equal([1L, 0, 1], classes.Labels.data<long>().ToArray());
    }

    // Both are the number 1.
    [Fact]
    public void Fit_CategoriesOfOneNumber_HaveAnOrderOfTheirOwn()
    {
        var encoding = new TableEncoding { Categories = ["zip"] };

        Assert.Equal(["zip=01", "zip=1", "zip=2"], encoding.Fit(Csv("zip\n2\n1\n01\n")).Features);
        Assert.Equal(["zip=01", "zip=1", "zip=2"], encoding.Fit(Csv("zip\n01\n2\n1\n")).Features);
    }

    [Fact]
    public void Labeled_Weights_GoWithTheRows()
    {
        var table = Csv("x,y,w\n1,a,2\n2,b,0.5\n");

        var domain = new TableEncoding { Label = "y", Weight = "w" }
            .Fit(table)
            .Labeled(table);

        Assert.Equal([2f, 0.5f], domain.Weights!.data<float>().ToArray());
        Assert.Equal(1, domain.Inputs.shape[1]);
    }

    [Theory]
    [InlineData(MissingValues.Mean, 4)]
    [InlineData(MissingValues.Median, 2.5)]
    public void Encode_MissingCells_AreFilledByAllDomains(MissingValues missing, float fill)
    {
        var source = Csv("x,c\n1,a\n,b\n10,\n");
        var target = Csv("x,c\n2,a\n3,a\n");

        var encoder = new TableEncoding { Missing = missing }.Fit(source, target);

        Assert.Equal(["x", "c=a", "c=b", "c=(missing)"], encoder.Features);
        Assert.Equal(
            tensor(
                new float[,]
                {
                    { 1, 1, 0, 0 },
                    { fill, 0, 1, 0 },
                    { 10, 0, 0, 1 },
                }
            ),
            encoder.Encode(source)
        );
    }

    [Fact]
    public void Encode_CategoriesThatAreNumbers_KeepTheirZeros()
    {
        var encoding = new TableEncoding { Categories = ["zip", "level"] };
        var encoder = encoding.Fit(Csv("zip,level\n01234,1\n99999,2.0\n"), Csv("zip,level\nX1,2\n01234,10\n"));

        Assert.Equal(["zip=01234", "zip=99999", "zip=X1", "level=1", "level=2", "level=10"], encoder.Features);
        Assert.Equal([1f, 0, 0, 1, 0, 0], encoder.Encode(Csv("zip,level\n01234,1.0\n")).data<float>().ToArray());
    }

    [Fact]
    public void Encode_UnknownCategory_IsRefusedOrZero()
    {
        var encoder = Animals.Fit(Csv(Source));
        var fault = Assert.Throws<ArgumentException>(() => encoder.Unlabeled(Csv(Target)));
        Assert.Contains("'city' is 'Rome' in row 0", fault.Message, StringComparison.Ordinal);

        var lenient = (Animals with { Unknown = UnknownCategories.Zeros }).Fit(Csv(Source));
        Assert.Equal(
            tensor(
                new float[,]
                {
                    { 50, 0, 0 },
                    { 60, 0, 1 },
                }
            ),
            lenient.Unlabeled(Csv(Target)).Inputs
        );
    }

    public static TheoryData<string, TableEncoding, string[]> Faults() =>
        new()
        {
            {
                "no table has a column 'z'",
                new TableEncoding { Label = "z" },
                ["x\n1\n"]
            },
            {
                "no table has a column 'z'",
                new TableEncoding { Categories = ["z"] },
                ["x\n1\n"]
            },
            { "lacks [y] and has [z]", new TableEncoding(), ["x,y\n1,2\n", "x,z\n1,2\n"] },
            {
                "'x' of table 1 has 1 missing cell(s), the first in row 1",
                new TableEncoding(),
                ["x,k\n1,1\n", "x,k\n5,1\n,1\n"]
            },
            { "numbers in one table and texts in another", new TableEncoding(), ["x\n1\n", "x\na\n"] },
            {
                "3 categories, above MaxCategories = 2",
                new TableEncoding { MaxCategories = 2 },
                ["x\na\nb\nc\n"]
            },
            {
                "no column is left",
                new TableEncoding { Ignore = ["x"] },
                ["x\n1\n"]
            },
            {
                "no value in any table",
                new TableEncoding { Missing = MissingValues.Mean },
                ["x,y\n1,\n"]
            },
            {
                "LabelIsClass is false",
                new TableEncoding { Label = "y", LabelIsClass = false },
                ["x,y\n1,a\n"]
            },
            { "at least one table", new TableEncoding(), [] },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Fit_WhatDoesNotFit_NamesTheColumn(string message, TableEncoding encoding, string[] tables)
    {
        Table[] read = [.. tables.Select(Csv)];

        var fault = Assert.ThrowsAny<ArgumentException>(() => encoding.Fit(read));

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x,y\n1,\n", "the label 'y' is missing in row 0")]
    [InlineData("x,y\n1,c\n", "the label 'y' is 'c' in row 0")]
    [InlineData("x,y\n,a\n", "the column 'x' is missing in row 0")]
    [InlineData("x,y\nten,a\n", "must hold numbers, as in the fit; row 0 holds 'ten'")]
    [InlineData("y\na\n", "there is no column 'x'")]
    public void Labeled_RowsThatDoNotFit_AreNamed(string text, string message)
    {
        var encoder = new TableEncoding { Label = "y" }.Fit(Csv("x,y\n1,a\n2,b\n"));

        var fault = Assert.Throws<ArgumentException>(() => encoder.Labeled(Csv(text)));

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfASavedEncoder_EncodesTheSame()
    {
        var encoding = new TableEncoding
        {
            Label = "y",
            Weight = "w",
            Categories = ["zip"],
            Missing = MissingValues.Median,
            Unknown = UnknownCategories.Zeros,
        };
        var table = Csv("x,zip,w,y\n1.5,01,1,b\n,02,2,a\n3,,1,a\n");
        var encoder = encoding.Fit(table);

        encoder.Save(work.File("encoder.json"));
        var again = TableEncoder.Load(work.File("encoder.json"));

        Assert.Equal(encoder.ToString(), again.ToString());
        var (one, other) = (encoder.Labeled(table), again.Labeled(table));
        Assert.Equal(one.Inputs, other.Inputs);
        Assert.Equal(one.Labels, other.Labels);
        Assert.Equal(one.Weights!, other.Weights!);
        Assert.Equal(one.Space, other.Space);
        Assert.Equal(0, again.Encode(Csv("x,zip\n1,77\n"))[0, 1..].sum().item<float>());
    }

    [Fact]
    public void Save_ThatFails_LeavesTheFile()
    {
        var path = work.File("encoder.json");
        var first = Animals.Fit(Csv(Source));
        first.Save(path);
        Directory.CreateDirectory(path + ".writing");

        Assert.ThrowsAny<Exception>(() => Animals.Fit(Csv(Source), Csv(Target)).Save(path));

        Assert.Equal(first.ToString(), TableEncoder.Load(path).ToString());
    }

    [Theory]
    [InlineData("{", "no encoder")]
    [InlineData("""{"Version":9,"Columns":[]}""", "version 9")]
    [InlineData("""{"Version":1,"Columns":null}""", "no encoder")]
    [InlineData("""{"Version":1,"Columns":[]}""", "no encoder")]
    [InlineData("""{"Version":1,"Columns":[null]}""", "no encoder")]
    [InlineData("""{"Version":1,"Columns":[{"Name":null}]}""", "no encoder")]
    [InlineData("""{"Version":1,"Columns":[{"Name":"c"},{"Name":"c"}]}""", "no encoder")]
    [InlineData("""{"Version":1,"Columns":[{"Name":"c","Categories":["a","a"]}]}""", "no encoder")]
    [InlineData("""{"Version":1,"Columns":[{"Name":"c"}],"Label":"k","Classes":[]}""", "no encoder")]
    public void Load_OfAnotherFile_SaysSo(string text, string message)
    {
        File.WriteAllText(work.File("other.json"), text);

        var fault = Assert.Throws<InvalidDataException>(() => TableEncoder.Load(work.File("other.json")));

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\uFEFF", "\n", true)]
    [InlineData("", "\r\n", false)]
    public void Rows_OfAFile_AreTheRowsOfItsTable(string head, string line, bool hasHeader)
    {
        var lines = Enumerable
            .Range(0, 500)
            .Select(row =>
                $"{row},\"a {(row % 7 == 0 ? "\"\"quoted\"\"" : "text")},{line}{row % 3}\",{"xyz"[row % 3]}"
            );
        var path = work.File("rows.csv");
        File.WriteAllText(path, head + (hasHeader ? "n,c,y" + line : "") + string.Join(line, lines));
        var format = new CsvFormat { HasHeader = hasHeader };
        var table = Table.ReadCsv(path, format);
        var encoder = new TableEncoding { Label = hasHeader ? "y" : "2" }.Fit(table);
        var whole = encoder.Labeled(table);

        using var rows = encoder.Rows(path, format);
        var domain = encoder.Labeled(rows);

        Assert.Equal(500, rows.Count);
        Assert.Equal(whole.Labels, domain.Labels);
        Assert.Equal(whole.Space, domain.Space);
        var some = tensor(new long[] { 499, 0, 7, 8, 9, 499, 250 });
        Assert.Equal(whole.Inputs.index_select(0, some), rows.Read(some));
        Parallel.For(0, 20, row => rows.Read(tensor(new long[] { row, row + 1 })).Dispose());
        Assert.Throws<ArgumentOutOfRangeException>(() => rows.Read(tensor(new long[] { 500 })));
        Assert.Throws<ArgumentException>(() =>
            new TableEncoding { Label = "y" }
                .Fit(Csv("x,y\n1,a\n"))
                .Labeled(rows)
        );
    }

    // Labels are read in three blocks; what is left in the caller's scope is the domain's alone.
    [Fact]
    public void Labeled_OfAFileOfSeveralBlocks_KeepsNoBlocksTensors()
    {
        var path = work.File("blocks.csv");
        File.WriteAllLines(path, Enumerable.Range(0, 9000).Select(row => $"{row},{row % 3},2").Prepend("x,y,w"));
        var encoder = new TableEncoding
        {
            Label = "y",
            Weight = "w",
            LabelIsClass = true,
        }.Fit(Table.ReadCsv(path));
        using var rows = encoder.Rows(path);
        using var inner = NewDisposeScope();

        var domain = encoder.Labeled(rows);

        Assert.Equal(2, inner.DisposablesCount);
        Assert.Equal(arange(9000).remainder(3), domain.Labels);
        Assert.Equal(18_000, domain.Weights!.sum().item<float>());
    }

    // Rows are counted in the file, not in the block or the batch in which a cell is met.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rows_OfAFileWithABadCell_NameItsRowInTheFile(bool hasHeader)
    {
        var format = new CsvFormat { HasHeader = hasHeader };
        var encoder = new TableEncoding { Label = "1" }.Fit(Csv("0,1\n1,a\n2,b\n"));
        string Told<T>(string bad, Action<CsvRows> read)
            where T : Exception
        {
            var path = work.File("bad.csv");
            var lines = Enumerable.Range(0, 6000).Select(row => row == 5000 ? bad : $"{row},{"ab"[row % 2]}");
            File.WriteAllText(path, (hasHeader ? "0,1\n" : "") + string.Join('\n', lines));
            using var rows = encoder.Rows(path, format);
            return Assert.Throws<T>(() => read(rows)).Message;
        }
        var some = tensor(new long[] { 7, 5000, 3 });

        var label = Told<ArgumentException>("5000,", rows => encoder.Labeled(rows));
        var cell = Told<ArgumentException>("none,a", rows => rows.Read(some));
        var record = Told<InvalidDataException>("5000,a,b", rows => rows.Read(some));
        var whole = Assert.Throws<InvalidDataException>(() => Table.ReadCsv(work.File("bad.csv"), format)).Message;

        Assert.Contains("the label '1' is missing in row 5000", label, StringComparison.Ordinal);
        Assert.Contains("row 5000 holds 'none'", cell, StringComparison.Ordinal);
        Assert.Equal(whole, record);
    }

    [Fact]
    public void ReadCsv_OfAnotherEncoding_IsRefusedAndReadByItsOwnReader()
    {
        var path = work.File("latin.csv");
        File.WriteAllText(path, "x,city\n1,Köln\n2,Käln\n", Encoding.Latin1);
        var encoder = new TableEncoding().Fit(Csv("x,city\n1,Köln\n2,Käln\n"));

        var fault = Assert.Throws<InvalidDataException>(() => Table.ReadCsv(path));
        using var rows = encoder.Rows(path, new CsvFormat { Delimiter = ',' });
        var ofRows = Assert.Throws<InvalidDataException>(() => rows.Read(tensor(new[] { 1L })));
        using var reader = new StreamReader(path, Encoding.Latin1);

        Assert.Contains($"'{path}' is not text in UTF-8", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"'{path}' is not text in UTF-8", ofRows.Message, StringComparison.Ordinal);
        Assert.Equal(["Köln", "Käln"], Table.ReadCsv(reader)["city"].Texts);
    }

    [Theory]
    [InlineData("x,y\n5\" pipe,a\n6\" pipe,b\n7\" pipe,c\n")] // quotes inside a cell
    [InlineData("x;y\n1;a,\"b\n2;c\n3;d\n")] // not behind the delimiter
    [InlineData("x\ty\n1\ta\n\t\n2\tb\n")] // cells that are all missing
    [InlineData("x,y\n1,a\n   \n2,b\n")]
    [InlineData("x,y\n\"1\",\"a\"\"\"\n\"\",\"\"\n2,\"\"\"b\nc\"\n")] // doubled quotes at the ends
    [InlineData("x,y\r1,a\r2,b\r")]
    [InlineData("x,y\r\n  1,a\r\n\r\n2,b")]
    [InlineData("#x,y\n#ff0000,a\nblue,b\n#,c\n")] // no comments
    public void Rows_OfAnUnusualFile_AreThoseOfItsTable(string text)
    {
        var path = work.File("odd.csv");
        File.WriteAllText(path, text);
        var table = Table.ReadCsv(path);
        var encoder = new TableEncoding { Missing = MissingValues.Median }.Fit(table);

        using var rows = encoder.Rows(path);

        Assert.Equal(table.Count, rows.Count);
        Assert.Equal(encoder.Encode(table), rows.Read(arange(rows.Count)));
        for (long row = 0; row < rows.Count; row++)
        {
            Assert.Equal(encoder.Encode(table.Rows([(int)row])), rows.Read(tensor(new[] { row })));
        }
    }

    // Complete in the fit, missing later: its own category where missing cells are borne, refused where they are not.
    [Fact]
    public void Encode_ACategoryThatIsMissingAfterTheFit_IsAsMissingSays()
    {
        var table = new Table([new TableColumn("c", ["a", "b"])]);
        var later = new Table([new TableColumn("c", [null, "b"])]);

        var borne = new TableEncoding { Missing = MissingValues.Median }
            .Fit(table)
            .Encode(later);
        var refusing = new TableEncoding { Unknown = UnknownCategories.Zeros }.Fit(table);

        Assert.Equal([0f, 0, 1, 0, 1, 0], borne.data<float>().ToArray());
        var fault = Assert.Throws<ArgumentException>(() => refusing.Encode(later));
        Assert.Contains("'c' is missing in row 0", fault.Message, StringComparison.Ordinal);
    }

    // Both are 9007199254740992 as doubles.
    [Fact]
    public void Of_WholeNumbersBeyondADouble_StayApartAsCategories()
    {
        var column = TableColumn.Of("store", [9007199254740992L, 9007199254740993L, null]);

        Assert.Equal(["9007199254740992", "9007199254740993"], new[] { column.Category(0), column.Category(1) });
        Assert.Null(column.Category(2));
        Assert.Equal("12", TableColumn.Of("store", [12L]).Category(0));
    }

    [Fact]
    public void Encode_NumbersBeyondFloat_AreRefused()
    {
        var table = new Table([new TableColumn("x", [1, 1e39]), new TableColumn("w", [1, double.PositiveInfinity])]);
        var encoder = new TableEncoding { Ignore = ["w"] }.Fit(table);

        var fault = Assert.Throws<ArgumentException>(() => encoder.Encode(table));

        Assert.Contains("'x' is 1E+39 in row 1", fault.Message, StringComparison.Ordinal);
        var byLabel = new TableEncoding { Label = "x" }.Fit(table.Rows([0]));
        Assert.Contains(
            "label 'x' is 1E+39 in row 1",
            Assert.Throws<ArgumentException>(() => byLabel.Labeled(table)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => new TableEncoding { Label = "x", Weight = "x" }.Fit(table));
        Assert.Throws<ArgumentNullException>(() => new TableEncoding().Fit([null!]));
    }

    [Fact]
    public void Fit_ALabelWithoutAnyValue_IsNamed()
    {
        var fault = Assert.Throws<ArgumentException>(() =>
            new TableEncoding { Label = "y", LabelIsClass = true }.Fit(Csv("x,y\n1,\n2,\n"))
        );

        Assert.Contains("label 'y'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_OfAnEmptyFile_AreRefused()
    {
        File.WriteAllText(work.File("empty.csv"), "x,y\n");
        var encoder = new TableEncoding { Label = "y" }.Fit(Csv("x,y\n1,a\n"));

        Assert.Throws<InvalidDataException>(() => encoder.Rows(work.File("empty.csv")));
    }

    [Fact]
    public void Chain_OnTables_PredictsClassNames()
    {
        var (source, target) = (Shifted(0), Shifted(3));
        var encoder = new TableEncoding { Label = "kind" }.Fit(source, target);

        using var model = new AdaptationBuilder()
            .Map(new CorrelationAlignment())
            .Learn(new LogisticRegression())
            .Fit(encoder.Labeled(source), encoder.Unlabeled(target));

        var names = model.PredictClassNames(encoder.Encode(target));
        var right = names.Zip(target["kind"].Texts).Count(pair => pair.First == pair.Second);
        Assert.True(right > 190, $"{right} of 200");
    }

    public void Dispose()
    {
        scope.Dispose();
        work.Dispose();
    }

    // Two kinds that differ by age and city; the other domain has another spread of ages and more columns' noise.
    private static Table Shifted(int seed)
    {
        var draw = new Random(seed);
        var kinds = Enumerable.Range(0, 200).Select(row => row % 2).ToList();
        return new Table([
            new TableColumn("age", [.. kinds.Select(kind => (1 + seed) * ((10 * kind) + draw.NextDouble()))]),
            new TableColumn("city", [.. kinds.Select(kind => draw.NextDouble() < 0.8 ? $"c{kind}" : "c2")]),
            new TableColumn("kind", [.. kinds.Select(kind => kind == 0 ? "cat" : "dog")]),
        ]);
    }

    private static Table Csv(string text) => Table.ReadCsv(new StringReader(text));
}
