using System.Globalization;
using System.Net;
using System.Text;
using Samples.Shared;
using TransferLearning.Evaluation;
using TransferLearning.Vision;
using static TorchSharp.torch;

namespace PhotoToArt;

/// <summary>One page that needs nothing but a browser; the pictures lie inside it.</summary>
internal static class StoryReport
{
    private const int Neighbors = 4;
    private const int PointsOfAClass = 20;
    private const double Side = 460;

    /// <summary>Writes the page.</summary>
    public static void Write(string path, Story story, StoryOptions options)
    {
        using var scope = NewDisposeScope();
        File.WriteAllText(path, Page(story, options));
    }

    private static string Page(Story story, StoryOptions options)
    {
        var (first, best) = (story.Rows[0], story.Rows.MaxBy(row => row.Accuracy.Value)!);
        var (source, target) = (NameOf(options.Source), NameOf(options.Target));
        return $$"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{Text(source)}} to {{Text(target)}}</title>
            <style>
            body { margin: 48px auto; max-width: 1040px; padding: 0 24px; color: #1b1d22; background: #fbfaf7;
              font: 16px/1.55 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
            h1 { font-size: 34px; line-height: 1.15; letter-spacing: -.02em; }
            h2 { margin-top: 48px; font-size: 22px; }
            table { border-collapse: collapse; margin: 20px 0; }
            th { padding: 6px 18px 6px 0; text-align: left; font-size: 14px; font-weight: 560; }
            td { padding: 4px 10px; text-align: right; font-variant-numeric: tabular-nums; }
            img { display: block; width: 96px; height: 96px; object-fit: cover; border-radius: 4px; }
            figure { margin: 0; text-align: left; }
            figcaption { font-size: 12px; color: #666b75; }
            .wrong img { outline: 3px solid #c0392b; }
            .plots { display: flex; flex-wrap: wrap; gap: 24px; }
            svg { width: {{At(Side)}}px; background: #fff; border: 1px solid #e8e5dd; border-radius: 6px; }
            .grid td { width: 34px; text-align: center; font-size: 13px; }
            </style>
            </head>
            <body>
            <h1>{{Text(source)}} teaches a network to read {{Text(target)}}</h1>
            <p>{{story.Source.Count}} labeled images of {{Text(source)}}, {{story.Target.Count}} of {{Text(target)}}
            without labels, {{story.Classes.Count}} classes, ResNet-18 trained on ImageNet. All target images are seen
            without labels and judged with them (transductive); intervals are of 95 %.</p>
            <table>
            <tr><th></th><th>target read rightly</th><th>fitted in</th></tr>
            {{Accuracies(story)}}</table>
            {{Comparison(story, first, best)}}
            <h2>Who is taken for whom</h2>
            <div class="plots">{{Confusion(first, story)}}{{Confusion(best, story)}}</div>
            <h2>Nearest {{Text(source)}} of a {{Text(target)}}</h2>
            <p>By the cosine of features: {{Text(first.Name)}} on the left, {{Text(best.Name)}} on the right. A red
            frame is another class.</p>
            <table>
            {{Nearest(story, first, best)}}</table>
            <h2>What the predictor sees</h2>
            <p>Both domains in two dimensions (t-SNE), {{PointsOfAClass}} images of each class and domain at most. A
            color is a class; a filled point is {{Text(source)}}, a ring {{Text(target)}}.</p>
            <div class="plots">{{Plot(first, story)}}{{Plot(best, story)}}</div>
            </body>
            </html>

            """;
    }

    private static string Comparison(Story story, StoryRow first, StoryRow best)
    {
        if (best == first)
        {
            return $"<p>No row reads the target better than {Text(first.Name)}.</p>";
        }
        var test = McNemarTest.Of(first.Predicted, best.Predicted, story.TargetLabels);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"<p>{Text(best.Name)} against {Text(first.Name)}: {test.OnlySecond} images are won and "
                + $"{test.OnlyFirst} lost (McNemar's p = {test.PValue:G2}).</p>"
        );
    }

    private static string Accuracies(Story story)
    {
        var html = new StringBuilder();
        foreach (var row in story.Rows)
        {
            html.Append(
                CultureInfo.InvariantCulture,
                $"<tr><th>{Text(row.Name)}</th><td>{Text($"{row.Accuracy}")}</td><td>{row.Seconds:F0} s</td></tr>\n"
            );
        }
        return html.ToString();
    }

    private static string Confusion(StoryRow row, Story story)
    {
        var matrix = ConfusionMatrix.Of(row.Predicted, story.TargetLabels, story.Classes.Count);
        var html = new StringBuilder($"<table class=\"grid\"><tr><th>{Text(row.Name)}</th>");
        foreach (var name in story.Classes)
        {
            html.Append("<td>").Append(Text(name[..Math.Min(3, name.Length)])).Append("</td>");
        }
        html.Append("</tr>\n");
        for (var truth = 0; truth < story.Classes.Count; truth++)
        {
            html.Append("<tr><th>").Append(Text(story.Classes[truth])).Append("</th>");
            for (var read = 0; read < story.Classes.Count; read++)
            {
                var share = (double)matrix[truth, read] / Math.Max(1, matrix.Support(truth));
                var color = truth == read ? "46, 125, 90" : "192, 57, 43";
                html.Append(
                    CultureInfo.InvariantCulture,
                    $"<td style=\"background: rgba({color}, {share:F2})\">{matrix[truth, read]}</td>"
                );
            }
            html.Append("</tr>\n");
        }
        return html.Append("</table>").ToString();
    }

    // One target image of each class, the first, and the source images nearest to it.
    private static string Nearest(Story story, params ReadOnlySpan<StoryRow> rows)
    {
        var targets = story.TargetLabels.data<long>().ToArray();
        var sources = story.SourceLabels.data<long>().ToArray();
        var html = new StringBuilder();
        var unit = rows.ToArray().Select(row => (Source: Unit(row.SourceFeatures), Target: Unit(row.TargetFeatures)));
        var features = unit.ToList();
        for (var label = 0; label < story.Classes.Count; label++)
        {
            var image = Array.IndexOf(targets, label);
            if (image < 0)
            {
                continue;
            }
            html.Append("<tr><td>").Append(Picture(story.Target.Files[image], story.Classes[label], false));
            html.Append("</td>");
            foreach (var (ofSource, ofTarget) in features)
            {
                html.Append("<td></td>");
                using var likeness = ofSource.matmul(ofTarget[image]);
                var count = (int)Math.Min(Neighbors, ofSource.shape[0]);
                foreach (var near in likeness.topk(count).indexes.data<long>())
                {
                    var name = story.Classes[(int)sources[near]];
                    html.Append("<td>").Append(Picture(story.Source.Files[(int)near], name, sources[near] != label));
                    html.Append("</td>");
                }
            }
            html.Append("</tr>\n");
        }
        return html.ToString();
    }

    private static string Picture(string file, string caption, bool isWrong)
    {
        var kind = Path.GetExtension(file).TrimStart('.').ToLowerInvariant() switch
        {
            "jpg" or "jpeg" => "jpeg",
            var other => other,
        };
        var data = Convert.ToBase64String(File.ReadAllBytes(file));
        return $"<figure class=\"{(isWrong ? "wrong" : "right")}\"><img alt=\"{Text(caption)}\" "
            + $"src=\"data:image/{kind};base64,{data}\"><figcaption>{Text(caption)}</figcaption></figure>";
    }

    private static string Plot(StoryRow row, Story story)
    {
        var (sources, targets) = (Some(story.SourceLabels), Some(story.TargetLabels));
        var points = Rows(row.SourceFeatures, sources).Concat(Rows(row.TargetFeatures, targets)).ToList();
        // Each point counts neighbors softly, and there must be more than three times as many points.
        var perplexity = Math.Min(25, (points.Count - 1) / 4.0);
        var places = new NeighborEmbedding { Perplexity = perplexity }.Embed(points);
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Side} {Side}\" role=\"img\" aria-label=\"{Text(row.Name)}\">"
        );
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"12\" y=\"22\" font-size=\"13\">{Text(row.Name)}</text>");
        for (var i = 0; i < places.Length; i++)
        {
            var isSource = i < sources.Length;
            var label = isSource
                ? story.SourceLabels[sources[i]].item<long>()
                : story.TargetLabels[targets[i - sources.Length]].item<long>();
            var color = FormattableString.Invariant($"hsl({label * 360 / story.Classes.Count}, 65%, 45%)");
            var paint = isSource ? $"fill=\"{color}\"" : $"fill=\"none\" stroke=\"{color}\" stroke-width=\"1.6\"";
            svg.Append(
                $"<circle cx=\"{At(Place(places[i].X))}\" cy=\"{At(Place(places[i].Y))}\" r=\"3.4\" {paint}>"
                    + $"<title>{Text(story.Classes[(int)label])}</title></circle>"
            );
        }
        return svg.Append("</svg>").ToString();

        static double Place(double unit) => 20 + ((unit + 1) / 2 * (Side - 40));
    }

    // The first images of every class.
    private static long[] Some(Tensor labels) =>
        [
            .. labels
                .data<long>()
                .ToArray()
                .Select((label, row) => (label, row: (long)row))
                .GroupBy(one => one.label)
                .SelectMany(group => group.Take(PointsOfAClass).Select(one => one.row)),
        ];

    private static IEnumerable<float[]> Rows(Tensor features, long[] rows)
    {
        var unit = Unit(features.index_select(0, tensor(rows))).to(float32);
        return Enumerable.Range(0, rows.Length).Select(row => unit[row].data<float>().ToArray());
    }

    private static Tensor Unit(Tensor rows) => nn.functional.normalize(rows, dim: 1);

    private static string NameOf(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string At(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
