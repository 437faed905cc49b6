namespace Evaluate.Tables;

/// <summary>The methods that see no target row.</summary>
internal static class GeneralizationSuite
{
    /// <summary>The suite.</summary>
    public static Suite Suite { get; } =
        new(
            "left-out",
            "One domain left out, on research data",
            data => [PacsGeneralization.Table(data), DigitGeneralization.Table(data)]
        );
}
