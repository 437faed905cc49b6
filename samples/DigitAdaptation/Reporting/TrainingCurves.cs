using System.Text;
using DigitAdaptation.Experiments;
using static DigitAdaptation.Reporting.Markup;

namespace DigitAdaptation.Reporting;

/// <summary>Target accuracy after every epoch, one line a method, named at its end.</summary>
internal sealed class TrainingCurves(TaskResults results, Palette palette)
{
    private const double Width = 960;
    private const double Height = 420;
    private const double Left = 56;
    private const double Right = 205;
    private const double Top = 16;
    private const double Bottom = 44;
    private const double LabelHeight = 19;

    /// <summary>The picture as SVG; empty where no method trained a network.</summary>
    public string Draw()
    {
        var lines = results.Methods.Where(method => method.Curve.Count > 0).ToList();
        if (lines.Count == 0)
        {
            return "";
        }

        var epochs = lines.Max(line => line.Curve.Count);
        var lowest = lines.Min(line => line.Curve.Min());
        var from = Math.Max(0, Math.Floor((lowest - 0.02) * 10) / 10);
        double X(int epoch) => Left + ((epoch - 1.0) / Math.Max(epochs - 1, 1) * (Width - Left - Right));
        double Y(double accuracy) => Height - Bottom - ((accuracy - from) / (1 - from) * (Height - Top - Bottom));

        var svg = new StringBuilder();
        svg.Append(
            $"""<svg class="chart wide" viewBox="0 0 {At(Width)} {At(Height)}" role="img" aria-label="Target accuracy by epoch">"""
        );
        for (var tick = from; tick < 1.001; tick += 0.1)
        {
            svg.Append(
                $"""<line class="grid" x1="{At(Left)}" x2="{At(Width - Right)}" y1="{At(Y(tick))}" y2="{At(Y(tick))}"/><text class="tick" x="{At(Left - 10)}" y="{At(Y(tick) + 4)}" text-anchor="end">{At(tick * 100)}%</text>"""
            );
        }

        var stride = Math.Max(1, (int)Math.Ceiling(epochs / 12.0));
        for (var epoch = 1; epoch <= epochs; epoch += stride)
        {
            svg.Append(
                $"""<text class="tick" x="{At(X(epoch))}" y="{At(Height - Bottom + 22)}" text-anchor="middle">{epoch}</text>"""
            );
        }

        svg.Append(
            $"""<text class="note" x="{At((Left + Width - Right) / 2)}" y="{At(Height - 4)}" text-anchor="middle">epoch</text>"""
        );
        var labels = Spread([.. lines.Select(line => Y(line.Curve[^1]))]);
        for (var i = 0; i < lines.Count; i++)
        {
            Line(svg, lines[i], labels[i], X, Y);
        }

        return svg.Append("</svg>").ToString();
    }

    private void Line(
        StringBuilder svg,
        MethodSummary method,
        double label,
        Func<int, double> x,
        Func<double, double> y
    )
    {
        var points = method.Curve.Select((accuracy, index) => (X: x(index + 1), Y: y(accuracy))).ToList();
        var end = points[^1];
        svg.Append(
            $"""<g class="{palette.ClassOf(method.Method)}"><polyline class="line" points="{string.Join(' ', points.Select(p => $"{At(p.X)},{At(p.Y)}"))}"/>"""
        );
        for (var i = 0; i < points.Count; i++)
        {
            svg.Append(
                $"""<circle class="{(i == points.Count - 1 ? "dot" : "hover")}" cx="{At(points[i].X)}" cy="{At(points[i].Y)}" r="4"><title>{Text(method.Method.Title)}, epoch {i + 1}: {Percent(method.Curve[i])}%</title></circle>"""
            );
        }

        svg.Append(
            $"""<path class="leader" d="M{At(end.X + 7)} {At(end.Y)}L{At(Width - Right + 20)} {At(label)}"/><text class="value" x="{At(Width - Right + 25)}" y="{At(label + 5)}">{Text(method.Method.Title)}<tspan class="quiet"> {Percent(method.Curve[^1])}</tspan></text></g>"""
        );
    }

    /// <summary>Moves labels apart until none overlaps its neighbor, and keeps them within the picture.</summary>
    private static double[] Spread(double[] wanted)
    {
        var order = Enumerable.Range(0, wanted.Length).OrderBy(i => wanted[i]).ToArray();
        var placed = (double[])wanted.Clone();
        for (var k = 1; k < order.Length; k++)
        {
            placed[order[k]] = Math.Max(placed[order[k]], placed[order[k - 1]] + LabelHeight);
        }

        var limit = Height - Bottom;
        for (var k = order.Length - 1; k >= 0; k--)
        {
            placed[order[k]] = Math.Min(placed[order[k]], limit);
            limit = placed[order[k]] - LabelHeight;
        }

        return placed;
    }
}
