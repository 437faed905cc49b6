using DigitAdaptation.Experiments;

namespace DigitAdaptation.Reporting;

/// <summary>Which color a method has, the same in every picture: a class of the style sheet.</summary>
internal sealed class Palette(IEnumerable<MethodSummary> methods)
{
    private const int Hues = 9;

    private readonly Dictionary<string, int> _hues = methods
        .Where(method => method.Method.Role == MethodRole.Adaptation)
        .Select((method, index) => (method.Method.Name, Hue: index % Hues))
        .ToDictionary(pair => pair.Name, pair => pair.Hue, StringComparer.Ordinal);

    /// <summary>The class that sets <c>--hue</c> for a method; floor and ceiling are gray.</summary>
    public string ClassOf(DigitMethod method) =>
        method.Role switch
        {
            MethodRole.Baseline => "hue-floor",
            MethodRole.Oracle => "hue-ceiling",
            _ => $"hue-{_hues[method.Name]}",
        };
}
