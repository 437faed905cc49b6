using System.Text;
using static DigitAdaptation.Reporting.Markup;

namespace DigitAdaptation.Reporting;

/// <summary>
/// A confusion matrix: rows are the digits shown, columns the digits read, shades and numbers the share of the row
/// in per cent.</summary>
internal static class ConfusionGrid
{
    private const double Cell = 24;
    private const double Left = 22;
    private const double Top = 20;

    /// <summary>The picture as SVG.</summary>
    public static string Draw(int[][] counts, string title)
    {
        var side = counts.Length * Cell;
        var svg = new StringBuilder();
        svg.Append(
            $"""<svg class="chart confusion" viewBox="0 0 {At(Left + side + 2)} {At(Top + side + 2)}" role="img" aria-label="{Text(title)}">"""
        );
        for (var row = 0; row < counts.Length; row++)
        {
            var shown = Math.Max(1, counts[row].Sum());
            var middle = (row + 0.5) * Cell;
            svg.Append(
                $"""<text class="tick" x="{At(Left - 8)}" y="{At(Top + middle + 4)}" text-anchor="middle">{row}</text><text class="tick" x="{At(Left + middle)}" y="{At(Top - 7)}" text-anchor="middle">{row}</text>"""
            );
            for (var column = 0; column < counts.Length; column++)
            {
                var share = (double)counts[row][column] / shown;
                svg.Append(
                    $"""<rect class="{(row == column ? "right" : "wrong")}" x="{At(Left + (column * Cell) + 1)}" y="{At(Top + (row * Cell) + 1)}" width="{At(Cell - 2)}" height="{At(Cell - 2)}" rx="3" style="--share:{At(share)}"><title>{row} read as {column}: {counts[row][column]} of {shown}</title></rect>"""
                );
                if (share >= 0.005)
                {
                    svg.Append(
                        $"""<text class="count{(share > 0.5 ? " on-dark" : "")}" x="{At(Left + ((column + 0.5) * Cell))}" y="{At(Top + middle + 3.5)}" text-anchor="middle">{At(Math.Round(share * 100))}</text>"""
                    );
                }
            }
        }

        return svg.Append("</svg>").ToString();
    }
}
