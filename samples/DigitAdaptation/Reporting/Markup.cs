using System.Globalization;
using System.Net;

namespace DigitAdaptation.Reporting;

/// <summary>Small helpers for writing HTML and SVG.</summary>
internal static class Markup
{
    /// <summary>Text as it may stand in markup.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A coordinate: at most two decimals, with a point, whatever the machine's culture.</summary>
    public static string At(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A share as a percentage with one decimal: 0.8125 is <c>81.3</c>.</summary>
    public static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>A time in seconds, short.</summary>
    public static string Seconds(double seconds) =>
        seconds.ToString(seconds < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) + " s";
}
