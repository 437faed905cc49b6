namespace Evaluate.Tables;

/// <summary>The methods that train networks.</summary>
internal static class NetworkSuite
{
    /// <summary>The suite.</summary>
    public static Suite Suite { get; } =
        new("networks", "Networks on research data", data => [PacsNetworks.Table(data)]);
}
