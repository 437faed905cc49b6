using System.Text.Json;
using System.Xml.Linq;
using TransferLearning.Predictors;
using TransferLearning.Selection;
using TransferLearning.Tests.Support;
using TransferLearning.Theory;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Selection;

/// <summary>Reports as HTML and JSON.</summary>
public sealed class ReportTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void ShiftReport_AsHtml_IsWellFormedAndNamesFeatures()
    {
        var report = Shift();
        string[] names = ["load", "<script>", "heat", "age"];

        var section = XElement.Parse(report.ToHtml(names, isPage: false));

        Assert.Equal(report.Features.Count, section.Descendants("rect").Count());
        var texts = section.Descendants("text").Select(text => text.Value).ToList();
        Assert.All(report.Features, feature => Assert.Contains(names[feature.Feature], texts));
        Assert.Empty(section.Descendants("script"));
        Assert.Equal(report.Advice, section.Descendants("li").Select(item => item.Value));
        var page = report.ToHtml();
        Assert.StartsWith("<!doctype html>", page, StringComparison.Ordinal);
        Assert.Contains("feature 0", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal); // it needs nothing from elsewhere
        Assert.Throws<ArgumentException>(() => report.ToHtml(["load"]));
        Assert.Throws<ArgumentException>(() => report.ToJson(["load"]));
    }

    [Fact]
    public void ShiftReport_AsJson_HasTheFigures()
    {
        var report = Shift();

        using var json = JsonDocument.Parse(report.ToJson());

        var root = json.RootElement;
        Assert.Equal(report.Inputs.Value, root.GetProperty("inputs").GetProperty("value").GetDouble());
        Assert.Equal(
            report.Features[0].TotalVariation,
            root.GetProperty("features")[0].GetProperty("totalVariation").GetDouble()
        );
        Assert.Equal(report.Classes.Count, root.GetProperty("classes").GetArrayLength());
        Assert.Equal(report.HasInputShift, root.GetProperty("hasInputShift").GetBoolean());
    }

    [Fact]
    public void SearchResult_AsHtmlAndJson_HasEveryCandidate()
    {
        var result = new SearchResult(
            [
                new RankedCandidate("A & B", 1, 1, 1.5, [0.25], null),
                new RankedCandidate("failing", 2, 1.5, 2, [double.NaN], "it <cannot> be fitted"),
            ],
            ["score"]
        );

        var section = XElement.Parse(result.ToHtml(isPage: false));

        var cells = section.Descendants("td").Select(cell => cell.Value).ToList();
        Assert.Contains("A & B", cells);
        Assert.Contains("it <cannot> be fitted", cells);
        Assert.Contains("–", cells);
        Assert.Equal(2, section.Descendants("rect").Count());
        Assert.EndsWith("</html>\n", result.ToHtml(), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(result.ToJson());
        var ranking = json.RootElement.GetProperty("ranking");
        Assert.Equal("A & B", ranking[0].GetProperty("name").GetString());
        Assert.Equal(0.25, ranking[0].GetProperty("values")[0].GetDouble());
        Assert.Equal(JsonValueKind.Null, ranking[1].GetProperty("values")[0].ValueKind);
    }

    [Fact]
    public void GuardVerdict_AsHtmlAndJson_HasEveryVote()
    {
        using var model = new AdaptationBuilder()
            .Learn(new LogisticRegression())
            .Fit(Toy.Source(), Toy.LabeledTarget().WithoutLabels());
        using var verdict = new GuardVerdict(model, true, [new ScoreVote("one", 1, 2)], 2, 1.5);

        var cells = XElement.Parse(verdict.ToHtml(isPage: false)).Descendants("td").Select(cell => cell.Value);

        Assert.Equal(["one", "1", "2", "1"], cells);
        using var json = JsonDocument.Parse(verdict.ToJson());
        Assert.True(json.RootElement.GetProperty("isAdapted").GetBoolean());
        Assert.Equal("one", json.RootElement.GetProperty("votes")[0].GetProperty("score").GetString());
    }

    public void Dispose() => scope.Dispose();

    private static ShiftReport Shift() => new ShiftDiagnosis().Of(Toy.Source(200), Toy.LabeledTarget().WithoutLabels());
}
