using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TransferLearning.Selection;
using TransferLearning.Theory;

namespace WhichMethod;

/// <summary>Writes the report as text, as JSON, and as a page that needs nothing but a browser.</summary>
internal static class ReportFiles
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes report.txt, report.json and report.html.</summary>
    public static void Write(
        string folder,
        Problem problem,
        ShiftReport shift,
        SearchResult result,
        Choice choice,
        Judgment? judgment,
        TimeSpan time
    )
    {
        var load = choice.HowToLoad(problem);
        File.WriteAllText(
            Path.Combine(folder, "report.txt"),
            $"{problem.Title}\n\n{shift}\n\n{result}\n\n{choice}\n{judgment}\n{load}\n"
        );
        File.WriteAllText(Path.Combine(folder, "report.json"), Json(problem, shift, result, choice, judgment, time));
        File.WriteAllText(
            Path.Combine(folder, "report.html"),
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Which method?</title>
            </head>
            <body>
            <section class="transfer-report">
            <h1>Which method?</h1>
            <p>{Text(problem.Title)}</p>
            <p><strong>{Text(choice.ToString())}</strong></p>
            <pre>{Text(load)}</pre>
            </section>
            {shift.ToHtml(problem.FeatureNames, isPage: false)}
            {result.ToHtml(isPage: false)}
            {choice.Verdict?.ToHtml(isPage: false)}
            <section class="transfer-report"><pre>{Text($"{judgment}")}</pre></section>
            </body>
            </html>

            """,
            new UTF8Encoding(false)
        );
    }

    private static string Json(
        Problem problem,
        ShiftReport shift,
        SearchResult result,
        Choice choice,
        Judgment? judgment,
        TimeSpan time
    ) =>
        new JsonObject
        {
            ["title"] = problem.Title,
            ["seconds"] = Math.Round(time.TotalSeconds, 1),
            ["shift"] = JsonNode.Parse(shift.ToJson(problem.FeatureNames)),
            ["search"] = JsonNode.Parse(result.ToJson()),
            ["guard"] = choice.Verdict is { } verdict ? JsonNode.Parse(verdict.ToJson()) : null,
            ["kept"] = choice.Name,
            ["rejectedShare"] = choice.Rejected,
            ["calibrationRows"] = choice.EffectiveRows,
            ["judgment"] = judgment is null
                ? null
                : new JsonObject
                {
                    ["chosen"] = judgment.Chosen.Value,
                    ["plain"] = judgment.Plain,
                    ["regret"] = judgment.Regret,
                    ["accuracies"] = new JsonObject(
                        judgment.Accuracies.Select(one => KeyValuePair.Create(one.Name, (JsonNode?)one.Accuracy))
                    ),
                },
        }.ToJsonString(Indented);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
