using System.Globalization;
using System.Text;
using DigitAdaptation.Experiments;
using static DigitAdaptation.Reporting.Markup;

namespace DigitAdaptation.Reporting;

/// <summary>
/// Writes all results as one page that needs nothing but a browser: styles and pictures lie inside it.
/// </summary>
/// <param name="results">The tasks in the order of the page.</param>
/// <param name="command">The command line that made the results, for the footer.</param>
public sealed class HtmlReport(IReadOnlyList<TaskResults> results, string command)
{
    /// <summary>Writes the page to a file.</summary>
    public void Write(string path) => File.WriteAllText(path, Page(), new UTF8Encoding(false));

    private string Page()
    {
        var page = new StringBuilder();
        page.Append(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Reading digits without their labels</title>
            <style>{Style()}</style>
            </head>
            <body>
            <main>

            """
        );
        foreach (var task in results)
        {
            Section(page, task);
        }

        page.Append(
            $"""
            <footer>
            <p>Made by <code>{Text(command)}</code> on {DateTime.UtcNow.ToString(
                "d MMMM yyyy, HH:mm",
                CultureInfo.InvariantCulture
            )} UTC,
            {Environment.ProcessorCount} cores. Target labels judged, colored pictures and trained the oracle. The values of settings are the papers' or were chosen on a shift made by hand from MNIST itself (<code>demo --rehearse</code>); docs/results/digit-adaptation.md tells how.</p>
            </footer>
            </main>
            </body>
            </html>

            """
        );
        return page.ToString();
    }

    private static void Section(StringBuilder page, TaskResults results)
    {
        var palette = new Palette(results.Methods);
        var task = results.Task;
        page.Append(
            $"""
            <header>
            <p class="eyebrow">{Text(task.SourceName)} → {Text(task.TargetName)}</p>
            <h1>Reading digits without their labels</h1>
            <p class="lead">A network learns to read from {Count(task.Source.Count)} labeled {Text(
                task.SourceName
            )} digits. The digits of
            {Text(task.TargetName)} come from other hands and another scanner: of {Count(
                task.Target.Count
            )} of them it sees the images but never
            a label. It is judged on {Count(task.TargetTest.Count)} more that no training sees.</p>
            {Tiles(results)}
            </header>
            <section>
            <h2>Target accuracy</h2>
            <p class="caption">Share of unseen {Text(
                task.TargetName
            )} digits read correctly; the whisker is the 95% interval {Interval(results)}.</p>
            <figure>{new AccuracyBars(results, palette).Draw()}</figure>
            </section>

            """
        );
        var curves = new TrainingCurves(results, palette).Draw();
        if (curves.Length > 0)
        {
            page.Append(
                $"""
                <section>
                <h2>Training curves</h2>
                <p class="caption">The same accuracy after every epoch{(
                    results.Methods[0].Results.Count > 1 ? ", mean over the seeds" : ""
                )}. Where a map and a new predictor follow the network (CORAL, TCA), the last point is theirs; ADDA trains on for its second stage.</p>
                <figure>{curves}</figure>
                </section>

                """
            );
        }

        Features(page, results);
        Confusions(page, results, palette);
        Diagnoses(page, results);
        Table(page, results, palette);
    }

    private static string Tiles(TaskResults results)
    {
        var tiles = new StringBuilder("<div class=\"tiles\">");
        if (results.Baseline is { } floor)
        {
            Tile("hue-floor", "Without adaptation", floor, "trained on the source alone");
        }

        if (results.Best is { } best)
        {
            Tile("hue-best", "Best adapted", best, Text(best.Method.Title));
        }

        if (results.Oracle is { } ceiling)
        {
            Tile("hue-ceiling", "With target labels", ceiling, "the oracle, which no application has");
        }

        return tiles.Append("</div>").ToString();

        void Tile(string hue, string title, MethodSummary method, string note) =>
            tiles.Append(
                $"""<div class="tile {hue}"><p class="tile-title">{title}</p><p class="tile-value">{Percent(method.Accuracy)}<span>%</span></p><p class="tile-note">{note}</p></div>"""
            );
    }

    private static void Features(StringBuilder page, TaskResults results)
    {
        var before = results.Baseline?.Results[0].Features;
        var after = results.BestWithOwnFeatures;
        if (before is null || after is null)
        {
            return;
        }

        var picture = new FeaturePicture(results.Task);
        page.Append(
            $"""
            <section>
            <h2>What the network sees</h2>
            <p class="caption">Features of <span class="key source">{Text(results.Task.SourceName)}</span> and
            <span class="key target">{Text(
                results.Task.TargetName
            )}</span> images, flattened to two dimensions by t-SNE; each mark is the digit shown.
            Where adaptation works, both colors share the same islands.</p>
            <div class="pair">
            <figure><figcaption>Before: {Text(results.Baseline!.Method.Title)}</figcaption>{picture.Draw(
                before,
                "Features before adaptation"
            )}</figure>
            <figure><figcaption>After: {Text(after.Method.Title)}</figcaption>{picture.Draw(
                after.Results[0].Features!,
                "Features after adaptation"
            )}</figure>
            </div>
            </section>

            """
        );
    }

    private static void Confusions(StringBuilder page, TaskResults results, Palette palette)
    {
        page.Append(
            """
            <section>
            <h2>What is taken for what</h2>
            <p class="caption">Rows are the digits shown, columns the digits read; per cent of the row.</p>
            <div class="grid-of-grids">

            """
        );
        foreach (var method in results.Methods)
        {
            page.Append(
                $"""<figure class="{palette.ClassOf(method.Method)}"><figcaption><i></i>{Text(method.Method.Title)}<span>{Percent(method.Accuracy)}%</span></figcaption>{ConfusionGrid.Draw(method.Confusion, $"Confusions of {method.Method.Title}")}</figure>"""
            );
        }

        page.Append("</div></section>");
    }

    // The library's own section, which brings its style along.
    private static void Diagnoses(StringBuilder page, TaskResults results)
    {
        foreach (var method in results.Methods.Where(method => method.Results[0].Diagnosis is not null))
        {
            page.Append(
                $"""
                <section>
                <h2>Does the critic of {Text(method.Method.Title)} work?</h2>
                <p class="caption">What an observer saw in the training with the first seed.</p>
                {method.Results[0].Diagnosis}</section>

                """
            );
        }
    }

    private static void Table(StringBuilder page, TaskResults results, Palette palette)
    {
        page.Append(
            $"""
            <section>
            <h2>All figures</h2>
            <div class="scroll"><table>
            <thead><tr><th>Method</th><th>Target accuracy</th><th>95% interval</th><th>Gain</th><th>Time of one training</th><th>By seed</th></tr></thead>
            <tbody>

            """
        );
        foreach (var method in results.Methods)
        {
            var gain =
                results.Baseline is { } floor && method != floor
                    ? (method.Accuracy - floor.Accuracy).ToString("+0.0%;−0.0%;0.0%", CultureInfo.InvariantCulture)
                    : "";
            page.Append(
                $"""<tr class="{palette.ClassOf(method.Method)}"><th><i></i>{Text(method.Method.Title)}</th><td>{Percent(method.Accuracy)}%</td><td>± {Percent(method.Margin)}</td><td>{gain}</td><td>{Seconds(method.Seconds)}</td><td>{string.Join(" · ", method.Results.Select(result => Percent(result.Accuracy)))}</td></tr>"""
            );
        }

        page.Append(
            $"""</tbody></table></div><p class="caption">{results.Epochs} epochs where a network is trained.</p></section>"""
        );
    }

    private static string Interval(TaskResults results) =>
        results.Methods[0].Results.Count > 1
            ? $"of the mean over {results.Methods[0].Results.Count} seeds"
            : $"of a share of {Count(results.Task.TargetTest.Count)} images";

    private static string Count(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Style()
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream("report.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
