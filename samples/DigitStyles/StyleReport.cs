using System.Globalization;
using System.Net;
using System.Text;

namespace DigitStyles;

/// <summary>One page that needs nothing but a browser: figures, and a grid of pictures that lie inside it.</summary>
internal static class StyleReport
{
    private const int Side = 28;

    public static void Write(string path, StyleOutcome outcome) => File.WriteAllText(path, Page(outcome));

    private static string Page(StyleOutcome outcome)
    {
        var rows = new StringBuilder();
        foreach (var row in outcome.Rows)
        {
            rows.Append("<tr><th>").Append(WebUtility.HtmlEncode(row.Title)).Append("</th>");
            foreach (var image in row.Images)
            {
                var data = Convert.ToBase64String(GrayPng.Of(image, Side));
                rows.Append("<td><img alt=\"a digit\" src=\"data:image/png;base64,").Append(data).Append("\"></td>");
            }
            rows.Append("</tr>\n");
        }
        return $$"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Digits in each other's style</title>
            <style>
            body { margin: 48px auto; max-width: 1000px; padding: 0 24px; color: #1b1d22; background: #fbfaf7;
              font: 16px/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
            h1 { font-size: 34px; line-height: 1.15; letter-spacing: -.02em; }
            table { border-collapse: collapse; margin: 28px 0; }
            th { padding-right: 18px; text-align: left; font-size: 14px; font-weight: 560; }
            td { padding: 3px; }
            img { display: block; width: 52px; height: 52px; image-rendering: pixelated; border: 1px solid #e8e5dd; }
            </style>
            </head>
            <body>
            <h1>Digits in each other's style</h1>
            <p>Two generators learned, without pairs, to make digits of one collection look like the other's. A reader
            that was trained on MNIST alone reads {{Percent(outcome.Alone)}} of the optical digits that no training saw;
            one that was trained on translated MNIST digits reads {{Percent(outcome.Translated)}}.</p>
            <table>
            {{rows}}</table>
            </body>
            </html>

            """;
    }

    private static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
