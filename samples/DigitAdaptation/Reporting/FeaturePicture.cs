using System.Text;
using DigitAdaptation.Digits;
using DigitAdaptation.Experiments;
using Samples.Shared;
using static DigitAdaptation.Reporting.Markup;

namespace DigitAdaptation.Reporting;

/// <summary>
/// What a network sees of both domains, flattened to two dimensions: every image is the digit it shows, colored by
/// its domain. Where the adaptation works, both colors form the same ten islands.
/// </summary>
internal sealed class FeaturePicture(DigitTask task)
{
    private const double Side = 470;
    private const double Edge = 20;

    /// <summary>The picture as SVG.</summary>
    public string Draw(FeatureSample sample, string title)
    {
        var places = new NeighborEmbedding().Embed([.. sample.Source, .. sample.Target]);
        var svg = new StringBuilder();
        svg.Append(
            $"""<svg class="chart scatter" viewBox="0 0 {At(Side)} {At(Side)}" role="img" aria-label="{Text(title)}">"""
        );
        for (var i = 0; i < places.Length; i++)
        {
            var fromSource = i < sample.Source.Count;
            var digit = fromSource ? sample.SourceDigits[i] : sample.TargetDigits[i - sample.Source.Count];
            svg.Append(
                $"""<text class="{(fromSource ? "source" : "target")}" x="{At(Place(places[i].X))}" y="{At(Place(places[i].Y) + 4)}">{digit}<title>{Text(fromSource ? task.SourceName : task.TargetName)}, a {digit}</title></text>"""
            );
        }

        return svg.Append("</svg>").ToString();

        static double Place(double unit) => Edge + ((unit + 1) / 2 * (Side - (2 * Edge)));
    }
}
