namespace Evaluate.Tables;

/// <summary>The methods of networks that predict values.</summary>
internal static class ValueSuite
{
    /// <summary>The suite.</summary>
    public static Suite Suite { get; } =
        new("values", "Values in place of classes, on research data", data => [CityCameras.Table(data)]);
}
