using System.Globalization;
using System.Net;
using System.Text;

namespace TransferLearning.Internal;

/// <summary>
/// A section of a report as HTML that needs nothing but a browser: its style and pictures lie inside it. All texts are
/// escaped here.
/// </summary>
internal sealed class ReportSection
{
    private const double LabelWidth = 230;
    private const double BarWidth = 420;
    private const double RowHeight = 26;
    private const int MostTicks = 12;
    private const string Style = """
        .transfer-report{font:15px/1.5 system-ui,sans-serif;max-width:56rem;margin:0 auto 2rem;padding:0 1rem}
        .transfer-report h2{font-size:1.25rem;margin:1.5rem 0 .5rem}
        .transfer-report table{border-collapse:collapse;margin:.75rem 0;font-variant-numeric:tabular-nums}
        .transfer-report th,.transfer-report td{text-align:right;padding:.2rem .7rem;border-bottom:1px solid #8884}
        .transfer-report th:first-child,.transfer-report td:first-child{text-align:left}
        .transfer-report svg{width:100%;height:auto;font:13px system-ui,sans-serif;fill:currentColor}
        .transfer-report .bar{fill:#3b78c3}.transfer-report .range,.transfer-report .mark{stroke:currentColor}
        .transfer-report .mark{stroke-dasharray:4 3;opacity:.6}
        .transfer-report .curve{fill:none;stroke-width:2}
        """;

    private readonly StringBuilder body = new();
    private readonly string title;

    public ReportSection(string title)
    {
        this.title = title;
        body.Append(CultureInfo.InvariantCulture, $"<section class=\"transfer-report\">\n<style>{Style}</style>\n");
        body.Append(CultureInfo.InvariantCulture, $"<h2>{Escaped(title)}</h2>\n");
    }

    /// <summary>A number with some digits, or a dash.</summary>
    public static string Text(double number, string format = "0.000") =>
        double.IsNaN(number) ? "–" : number.ToString(format, CultureInfo.InvariantCulture);

    public ReportSection Paragraph(string text)
    {
        body.Append(CultureInfo.InvariantCulture, $"<p>{Escaped(text)}</p>\n");
        return this;
    }

    public ReportSection List(IEnumerable<string> items)
    {
        body.Append("<ol>\n");
        foreach (var item in items)
        {
            body.Append(CultureInfo.InvariantCulture, $"<li>{Escaped(item)}</li>\n");
        }
        body.Append("</ol>\n");
        return this;
    }

    public ReportSection Table(IEnumerable<string> head, IEnumerable<IEnumerable<string>> rows)
    {
        body.Append("<table>\n<thead>").Append(Row(head, "th")).Append("</thead>\n<tbody>\n");
        foreach (var row in rows)
        {
            body.Append(Row(row, "td")).Append('\n');
        }
        body.Append("</tbody>\n</table>\n");
        return this;
    }

    /// <summary>Horizontal bars from 0.</summary>
    /// <param name="name">What the picture shows.</param>
    /// <param name="bars">Each bar's label and length, and the interval that is drawn over it, or null.</param>
    /// <param name="most">The length of the longest bar that fits.</param>
    /// <param name="mark">Where a dashed line crosses all bars, or null.</param>
    public ReportSection Bars(
        string name,
        IReadOnlyList<(string Label, double Value, (double Low, double High)? Range)> bars,
        double most,
        double? mark = null
    )
    {
        var (width, height) = (LabelWidth + BarWidth + 70, (bars.Count * RowHeight) + 8);
        string X(double value) => At(LabelWidth + (BarWidth * Math.Clamp(value / most, 0, 1)));
        body.Append(
            CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {At(width)} {At(height)}\" role=\"img\" aria-label=\"{Escaped(name)}\">\n"
        );
        foreach (var (i, (label, value, range)) in bars.Index())
        {
            var top = 4 + (i * RowHeight);
            var middle = At(top + (RowHeight / 2));
            var length = At(double.IsFinite(value) ? BarWidth * Math.Clamp(value / most, 0, 1) : 0);
            body.Append(
                CultureInfo.InvariantCulture,
                $"""
                <text x="{At(LabelWidth - 8)}" y="{At(top + 17)}" text-anchor="end">{Escaped(label)}</text>
                <rect class="bar" x="{At(LabelWidth)}" y="{At(top + 5)}" width="{length}" height="{At(
                    RowHeight - 10
                )}"/>
                <text x="{At(LabelWidth + BarWidth + 8)}" y="{At(top + 17)}">{Text(value, "0.00")}</text>

                """
            );
            if (range is var (low, high))
            {
                body.Append(
                    CultureInfo.InvariantCulture,
                    $"<line class=\"range\" x1=\"{X(low)}\" x2=\"{X(high)}\" y1=\"{middle}\" y2=\"{middle}\"/>\n"
                );
            }
        }
        if (mark is { } place)
        {
            body.Append(
                CultureInfo.InvariantCulture,
                $"<line class=\"mark\" x1=\"{X(place)}\" x2=\"{X(place)}\" y1=\"0\" y2=\"{At(height)}\"/>\n"
            );
        }
        body.Append("</svg>\n");
        return this;
    }

    /// <summary>Lines over a common axis, with the interval of every point.</summary>
    /// <param name="name">What the picture shows.</param>
    /// <param name="axis">What the axis counts.</param>
    /// <param name="lines">Each line's name and points: place, value, lower and upper end of its interval.</param>
    /// <param name="mark">Where a dashed line crosses from left to right.</param>
    public ReportSection Lines(
        string name,
        string axis,
        IReadOnlyList<(string Name, IReadOnlyList<(double X, double Y, double Low, double High)> Points)> lines,
        double mark
    )
    {
        const double Left = 60;
        const double Width = 560;
        const double Height = 300;
        var all = lines.SelectMany(line => line.Points).ToList();
        var (first, last) = (all.Min(point => point.X), all.Max(point => point.X));
        var (least, most) = (Math.Min(mark, all.Min(point => point.Low)), Math.Max(mark, all.Max(point => point.High)));
        // Lines stand a little beside each other, so that their intervals can be told apart.
        double X(double place, int line = 0) =>
            Left + 20 + (4 * line) + ((Width - 60) * (last > first ? (place - first) / (last - first) : 0.5));
        double Y(double value) => 14 + (Height * (most > least ? (most - value) / (most - least) : 0.5));
        body.Append(
            CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {At(Left + Width + 90)} {At(Height + 62)}\" role=\"img\" "
                + $"aria-label=\"{Escaped(name)}\">\n"
        );
        foreach (var value in new[] { least, (least + most) / 2, most }.Distinct())
        {
            body.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{At(Left - 8)}\" y=\"{At(Y(value) + 4)}\" text-anchor=\"end\">"
                    + $"{Text(value, "0.00")}</text>\n"
            );
        }
        var places = all.Select(point => point.X).Distinct().Order().ToList();
        var every = (places.Count + MostTicks - 1) / MostTicks;
        foreach (var place in places.Where((_, i) => i % every == 0))
        {
            body.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{At(X(place) + 6)}\" y=\"{At(Height + 36)}\" text-anchor=\"middle\">"
                    + $"{Text(place, "0.##")}</text>\n"
            );
        }
        body.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{At(Left + (Width / 2))}\" y=\"{At(Height + 56)}\" text-anchor=\"middle\">"
                + $"{Escaped(axis)}</text>\n"
                + $"<line class=\"mark\" x1=\"{At(Left)}\" x2=\"{At(Left + Width)}\" y1=\"{At(Y(mark))}\" "
                + $"y2=\"{At(Y(mark))}\"/>\n"
        );
        foreach (var (i, (label, points)) in lines.Index())
        {
            var color = $"hsl({At(360.0 * i / lines.Count)} 60% 50%)";
            var path = string.Join(' ', points.Select(point => $"{At(X(point.X, i))},{At(Y(point.Y))}"));
            body.Append(
                CultureInfo.InvariantCulture,
                $"<polyline class=\"curve\" stroke=\"{color}\" points=\"{path}\"/>\n"
            );
            foreach (var point in points)
            {
                var x = At(X(point.X, i));
                body.Append(
                    CultureInfo.InvariantCulture,
                    $"<line stroke=\"{color}\" x1=\"{x}\" x2=\"{x}\" y1=\"{At(Y(point.Low))}\" "
                        + $"y2=\"{At(Y(point.High))}\"/>\n"
                );
            }
            body.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{At(Left + Width + 8)}\" y=\"{At(30 + (20 * i))}\" fill=\"{color}\">"
                    + $"{Escaped(label)}</text>\n"
            );
        }
        body.Append("</svg>\n");
        return this;
    }

    /// <summary>The section, or a page that holds nothing else.</summary>
    public string Html(bool isPage)
    {
        var section = body + "</section>\n";
        return isPage
            ? $"""
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <title>{Escaped(title)}</title>
                </head>
                <body>
                {section}</body>
                </html>

                """
            : section;
    }

    private static string Row(IEnumerable<string> cells, string tag) =>
        $"<tr>{string.Concat(cells.Select(cell => $"<{tag}>{Escaped(cell)}</{tag}>"))}</tr>";

    private static string At(double place) => place.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Escaped(string text) => WebUtility.HtmlEncode(text);
}
