namespace DigitAdaptation.Experiments;

/// <summary>All methods of the comparison, in the order of the table.</summary>
public static class DigitMethods
{
    /// <summary>The methods.</summary>
    public static IReadOnlyList<DigitMethod> All { get; } =
    [new("nearest", "Nearest pixels", MethodRole.Baseline, NearestPixels.Train)];
}
