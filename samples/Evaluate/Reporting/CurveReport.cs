using System.Globalization;
using System.Net;
using System.Text;
using Evaluate.Measuring;

namespace Evaluate.Reporting;

/// <summary>The tables as one page that needs nothing but a browser, with the course of every objective.</summary>
public static class CurveReport
{
    private const double Width = 220;
    private const double Height = 90;
    private const double LineHeight = 15;

    private static readonly string[] Colors = ["#1f5fa8", "#c2410c", "#2f7d4f", "#7c3aed", "#a16207", "#be185d"];

    /// <summary>Writes the page.</summary>
    /// <param name="path">Where it goes.</param>
    /// <param name="title">Its heading.</param>
    /// <param name="tables">The tables; those with curves are drawn.</param>
    /// <param name="outcomes">What was measured.</param>
    /// <param name="curves">How the objectives went; of each fit those of the first seed are drawn.</param>
    public static void Write(
        string path,
        string title,
        IReadOnlyList<EvaluationTable> tables,
        IReadOnlyList<Outcome> outcomes,
        IReadOnlyList<ObjectiveCurve> curves
    )
    {
        var drawn = curves.Where(curve => curve.Seed == 1).ToLookup(curve => (curve.Table, curve.Task, curve.Method));
        var body = new StringBuilder();
        foreach (var table in tables.Where(table => table.HasCurves))
        {
            body.Append($"<h2>{Text(table.Title)}</h2>\n<p>{Text(table.Protocol)}</p>\n<table>\n<thead><tr><th></th>");
            body.AppendJoin("", table.Tasks.Select(task => $"<th>{Text(task.Name)}</th>"));
            body.Append("<th>mean</th><th>time a fit, s</th></tr></thead>\n");
            foreach (var row in RowSummary.Of(table, outcomes))
            {
                var cells = table.Tasks.Zip(Figures.Cells(row), (task, figure) => Cell(task, figure, row, drawn));
                body.Append($"<tr><th>{Text(row.Method.Name)}</th>").AppendJoin("", cells);
                body.Append($"<td>{Figures.WithMargin(row)}</td><td>{At(row.Seconds)}</td></tr>\n");
            }

            body.Append("</table>\n");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path, Page(title, body.ToString()));
    }

    private static string Cell(
        EvaluationTask task,
        string figure,
        RowSummary row,
        ILookup<(string, string, string), ObjectiveCurve> curves
    ) => $"<td><b>{figure}</b>{Picture([.. curves[(row.Table.Name, task.Name, row.Method.Name)]])}</td>";

    // Each objective between its own least and greatest value: their scales have nothing in common.
    private static string Picture(IReadOnlyList<ObjectiveCurve> curves)
    {
        var picture = new StringBuilder();
        var lines = new StringBuilder();
        foreach (var (index, curve) in curves.Index())
        {
            var values = curve.Values.Where(double.IsFinite).ToList();
            if (values.Count == 0)
            {
                continue;
            }

            var (low, high) = (values.Min(), values.Max());
            var span = high > low ? high - low : 1;
            var points = values.Select(
                (value, place) =>
                    $"{At(Width * place / Math.Max(1, values.Count - 1))},{At(2 + ((Height - 4) * (high - value) / span))}"
            );
            var color = Colors[index % Colors.Length];
            lines.Append($"""<polyline stroke="{color}" points="{string.Join(' ', points)}"/>""");
            picture.Append(
                $"""<text x="0" y="{At(Height + (LineHeight * (index + 1)))}" fill="{color}">{Text(curve.Objective)} {Short(values[0])} to {Short(values[^1])}</text>"""
            );
        }

        return picture.Length == 0
            ? ""
            : $"""<svg viewBox="0 0 {At(Width)} {At(Height + (LineHeight * curves.Count) + 4)}" width="{At(Width)}" role="img" aria-label="objectives over the training">{lines}{picture}</svg>""";
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string At(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Short(double value) => value.ToString("G3", CultureInfo.InvariantCulture);

    private static string Page(string title, string body) =>
        $$"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{Text(title)}}</title>
            <style>
            body { margin: 48px auto; max-width: 1400px; padding: 0 24px; color: #1b1d22; background: #fbfaf7;
              font: 16px/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
            p { max-width: 75ch; }
            table { border-collapse: collapse; }
            thead th { position: sticky; top: 0; background: #fbfaf7; }
            th, td { padding: 8px 14px; border-bottom: 1px solid #e8e5dd; text-align: left; vertical-align: top;
              font-size: 14px; }
            svg { display: block; margin-top: 6px; font-size: 11px; }
            polyline { fill: none; stroke-width: 1.5; }
            </style>
            </head>
            <body>
            <h1>{{Text(title)}}</h1>
            <p>Under each figure: the mean of every objective over twentieths of the training, before weighting, each
            line between its own least and greatest value.</p>
            {{body}}</body>
            </html>

            """;
}
