namespace Evaluate.Tables;

/// <summary>The methods that train networks, on images of digits.</summary>
internal static class DigitSuite
{
    /// <summary>The suite.</summary>
    public static Suite Suite { get; } = new("digits", "Digits of other hands", data => [DigitNetworks.Table(data)]);
}
