namespace TransferLearning.Tests.Parity;

/// <summary>Peer functions that the library deliberately does not offer, each with its reason. They are counted and printed.</summary>
internal static class ParityDeclined
{
    public static IReadOnlyDictionary<string, string> Reasons { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["label_smoothing_tllib"] =
                "its smoothed labels do not sum to 1; label_smoothing_cross_entropy is the definition offered.",
        };
}
