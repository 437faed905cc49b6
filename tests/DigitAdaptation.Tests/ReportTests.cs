using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using DigitAdaptation.Digits;
using DigitAdaptation.Experiments;
using DigitAdaptation.Reporting;
using Samples.Shared;

namespace DigitAdaptation.Tests;

public sealed class ReportTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void HtmlReport_AnyResults_NeedsNothingFromElsewhere()
    {
        new HtmlReport([Results()], "demo --seeds 2").Write(_path);

        var page = File.ReadAllText(_path);
        Assert.DoesNotMatch(
            new Regex(
                "(src|href)=|url\\(|@import|https?://|<script",
                RegexOptions.ExplicitCapture,
                TimeSpan.FromSeconds(5)
            ),
            page
        );
    }

    [Fact]
    public void HtmlReport_AnyResults_HasEveryPictureWellFormed()
    {
        new HtmlReport([Results()], "demo").Write(_path);

        var pictures = Regex
            .Matches(File.ReadAllText(_path), "<svg.*?</svg>", RegexOptions.Singleline, TimeSpan.FromSeconds(5))
            .Select(match => XElement.Parse(match.Value).Attribute("aria-label")!.Value);
        Assert.Equal(
            [
                "Target accuracy by method",
                "Target accuracy by epoch",
                "Features before adaptation",
                "Features after adaptation",
                "Confusions of Source only",
                "Confusions of A & B",
            ],
            pictures
        );
    }

    [Fact]
    public void HtmlReport_OfAMethodWithADiagnosis_ShowsItOnce()
    {
        var results = Results();
        var first = results.Methods[1];
        var seen = first with
        {
            Results =
            [
                first.Results[0] with
                {
                    Diagnosis = "<section class=\"transfer-report\"><p>The critic is right.</p></section>\n",
                },
                first.Results[1],
            ],
        };

        new HtmlReport([results with { Methods = [results.Methods[0], seen] }], "demo").Write(_path);

        var page = File.ReadAllText(_path);
        Assert.Equal(2, page.Split("Does the critic of A &amp; B work?").Length);
        Assert.Contains("<p>The critic is right.</p>", page, StringComparison.Ordinal);
        new HtmlReport([results], "demo").Write(_path);
        Assert.DoesNotContain("Does the critic", File.ReadAllText(_path), StringComparison.Ordinal);
    }

    [Fact]
    public void FeaturesAfterAdaptation_BestMethodKeepsTheBaselines_AreThoseOfTheBestThatDoesNot()
    {
        var method = new DigitMethod("c", "C", MethodRole.Adaptation, _ => throw new NotSupportedException());
        var results = Results();
        var keeping = Summary(method, draw: 2, gain: 0.2);

        Assert.Equal("ab", results.BestWithOwnFeatures!.Method.Name);
        var withKeeping = results with { Methods = [.. results.Methods, keeping] };
        Assert.Equal("c", withKeeping.Best!.Method.Name);
        Assert.Equal("ab", withKeeping.BestWithOwnFeatures!.Method.Name);
        new HtmlReport([withKeeping], "demo").Write(_path);
        Assert.Contains("After: A &amp; B", File.ReadAllText(_path), StringComparison.Ordinal);
    }

    [Fact]
    public void JsonReport_TwoMethodsTwoSeeds_HasOneEntryATraining()
    {
        JsonReport.Write(_path, [Results()]);

        using var document = JsonDocument.Parse(File.ReadAllText(_path));
        var entries = document.RootElement.EnumerateArray().ToList();
        Assert.Equal(
            [("source", 1, 0.5), ("source", 2, 0.75), ("ab", 1, 0.5), ("ab", 2, 0.75)],
            entries.Select(entry =>
                (
                    entry.GetProperty("method").GetString()!,
                    entry.GetProperty("seed").GetInt32(),
                    entry.GetProperty("accuracy").GetDouble()
                )
            )
        );
        Assert.All(entries, entry => Assert.True(entry.GetProperty("seconds").GetDouble() >= 0));
    }

    [Fact]
    public void NeighborEmbedding_TwoDistantGroups_KeepsThemApart()
    {
        var random = new Random(1);
        float[][] points =
        [
            .. Enumerable
                .Range(0, 120)
                .Select(i =>
                    new[] { (i < 60 ? 0f : 20f) + random.NextSingle(), random.NextSingle(), random.NextSingle() }
                ),
        ];

        var places = new NeighborEmbedding().Embed(points);

        var first = places.Take(60).ToArray();
        var second = places.Skip(60).ToArray();
        var apart = Distance(Center(first), Center(second));
        Assert.True(apart > 2 * Math.Max(Radius(first), Radius(second)), $"{apart}");
        Assert.All(places, place => Assert.True(Math.Abs(place.X) <= 1 && Math.Abs(place.Y) <= 1));
    }

    private static (double X, double Y) Center((double X, double Y)[] places) =>
        (places.Average(place => place.X), places.Average(place => place.Y));

    private static double Radius((double X, double Y)[] places) =>
        places.Average(place => Distance(place, Center(places)));

    private static double Distance((double X, double Y) a, (double X, double Y) b) =>
        Math.Sqrt(Math.Pow(a.X - b.X, 2) + Math.Pow(a.Y - b.Y, 2));

    private static TaskResults Results()
    {
        var images = new DigitImages(new float[4], [0, 1, 2, 3], 1, 1);
        var task = new DigitTask("S", "T", images, images, images);
        return new TaskResults(
            task,
            Epochs: 2,
            [
                Summary(
                    new DigitMethod(
                        "source",
                        "Source only",
                        MethodRole.Baseline,
                        _ => throw new NotSupportedException()
                    ),
                    draw: 2
                ),
                Summary(
                    new DigitMethod("ab", "A & B", MethodRole.Adaptation, _ => throw new NotSupportedException()),
                    draw: 3
                ),
            ]
        );
    }

    private static MethodSummary Summary(DigitMethod method, int draw, double gain = 0)
    {
        var confusion = Enumerable.Range(0, 10).Select(_ => new int[10]).ToArray();
        confusion[1][7] = 3;
        var random = new Random(draw);
        float[][] rows = [.. Enumerable.Range(0, 60).Select(_ => new[] { random.NextSingle(), random.NextSingle() })];
        var digits = Enumerable.Range(0, 60).Select(i => i % 10L).ToArray();
        var features = new FeatureSample(rows, digits, rows, digits);
        return new MethodSummary(
            method,
            [
                new MethodResult(method.Name, 1, 0.5 + gain, 1.5, [0.4, 0.5], confusion, features),
                new MethodResult(method.Name, 2, 0.75 + gain, 1.5, [0.4, 0.75], confusion, features),
            ],
            TestImages: 4
        );
    }
}
