using TransferLearning.Mapping;
using TransferLearning.Predictors;
using TransferLearning.Tabular;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Documentation;

/// <summary>The examples of the page on tables, verbatim.</summary>
[Trait("Category", "Documentation")]
public sealed class TabularExamples : IDisposable
{
    private static readonly string[] Files = ["berlin.csv", "paris.csv", "today.csv", "kinds.model", "kinds.json"];
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Tables()
    {
        File.WriteAllText("berlin.csv", "id,zip,size,kind\n1,01,2.5,cat\n2,02,9,dog\n3,01,,cat\n4,02,8,dog\n");
        File.WriteAllText("paris.csv", "id,zip,size\n1,02,9.5\n2,01,3\n3,02,7\n4,01,2\n");
        File.WriteAllText("today.csv", "zip,size\n01,2\n02,9\n");

        var source = Table.ReadCsv("berlin.csv");
        var target = Table.ReadCsv("paris.csv");

        var encoder = new TableEncoding
        {
            Label = "kind",
            Ignore = ["id"],
            Categories = ["zip"],
            Missing = MissingValues.Median,
        }.Fit(source, target);

        using var model = new AdaptationBuilder()
            .Map(new Standardize())
            .Map(new CorrelationAlignment())
            .Learn(new LogisticRegression())
            .Fit(encoder.Labeled(source), encoder.Unlabeled(target));

        model.Save("kinds.model");
        encoder.Save("kinds.json");

        using var kinds = AdaptedModel.Load("kinds.model");
        var rows = TableEncoder.Load("kinds.json").Encode(Table.ReadCsv("today.csv"));
        IReadOnlyList<string> names = kinds.PredictClassNames(rows);

        Assert.Equal(["cat", "dog"], names);
    }

    public void Dispose()
    {
        scope.Dispose();
        foreach (var file in Files)
        {
            File.Delete(file);
        }
    }
}
