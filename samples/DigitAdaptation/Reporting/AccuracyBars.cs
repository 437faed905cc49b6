using System.Text;
using DigitAdaptation.Experiments;
using static DigitAdaptation.Reporting.Markup;

namespace DigitAdaptation.Reporting;

/// <summary>
/// Target accuracy of every method as a bar with its interval, above the line of source-only training.
/// </summary>
internal sealed class AccuracyBars(TaskResults results, Palette palette)
{
    private const double Width = 960;
    private const double Left = 200;
    private const double Right = 120;
    private const double RowHeight = 38;
    private const double BarHeight = 20;
    private const double Top = 28;

    /// <summary>The picture as SVG.</summary>
    public string Draw()
    {
        var height = Top + (results.Methods.Count * RowHeight) + 34;
        double X(double accuracy) => Left + (accuracy * (Width - Left - Right));

        var svg = new StringBuilder();
        svg.Append(
            $"""<svg class="chart wide" viewBox="0 0 {At(Width)} {At(height)}" role="img" aria-label="Target accuracy by method">"""
        );
        for (var tick = 0.0; tick < 1.001; tick += 0.2)
        {
            svg.Append(
                $"""<line class="grid" x1="{At(X(tick))}" x2="{At(X(tick))}" y1="{At(Top - 6)}" y2="{At(height - 28)}"/><text class="tick" x="{At(X(tick))}" y="{At(height - 8)}" text-anchor="middle">{At(tick * 100)}%</text>"""
            );
        }

        for (var row = 0; row < results.Methods.Count; row++)
        {
            Bar(svg, results.Methods[row], Top + (row * RowHeight), X);
        }

        if (results.Baseline is { } floor)
        {
            svg.Append(
                $"""<line class="floor-line" x1="{At(X(floor.Accuracy))}" x2="{At(X(floor.Accuracy))}" y1="{At(Top - 8)}" y2="{At(height - 28)}"/><text class="note" x="{At(X(floor.Accuracy))}" y="{At(Top - 14)}" text-anchor="middle">without adaptation</text>"""
            );
        }

        return svg.Append("</svg>").ToString();

        void Bar(StringBuilder to, MethodSummary method, double top, Func<double, double> x)
        {
            var (least, most) = (method.Accuracy - method.Margin, Math.Min(1, method.Accuracy + method.Margin));
            var middle = top + (RowHeight / 2);
            var y = middle - (BarHeight / 2);
            to.Append(
                $"""
                <g class="{palette.ClassOf(method.Method)}">
                <title>{Text(method.Method.Title)}: {Percent(method.Accuracy)}% ± {Percent(method.Margin)}</title>
                <text class="name" x="{At(Left - 14)}" y="{At(middle + 5)}" text-anchor="end">{Text(
                    method.Method.Title
                )}</text>
                <path class="bar" d="{RoundedRight(Left, y, x(method.Accuracy) - Left, BarHeight, 4)}"/>
                <path class="whisker" d="M{At(x(least))} {At(middle)}H{At(x(most))}M{At(x(least))} {At(
                    middle - 5
                )}v10M{At(x(most))} {At(middle - 5)}v10"/>
                <text class="value" x="{At(x(most) + 10)}" y="{At(middle + 5)}">{Percent(
                    method.Accuracy
                )}<tspan class="quiet"> ± {Percent(method.Margin)}</tspan></text>
                </g>
                """
            );
        }
    }

    private static string RoundedRight(double x, double y, double width, double height, double radius)
    {
        radius = Math.Min(radius, Math.Max(width, 0) / 2);
        return $"M{At(x)} {At(y)}h{At(width - radius)}q{At(radius)} 0 {At(radius)} {At(radius)}v{At(height - (2 * radius))}q0 {At(radius)} {At(-radius)} {At(radius)}h{At(radius - width)}z";
    }
}
