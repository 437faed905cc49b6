namespace TransferLearning.Tests.Parity;

/// <summary>Peer functions that the library deliberately does not offer, each with its reason. They are counted and printed.</summary>
internal static class ParityDeclined
{
    public static IReadOnlyDictionary<string, string> Reasons { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["tca_adapt"] =
                "ADAPT hands a non-symmetric matrix to a symmetric eigensolver; the result is not the paper's. The paper's eigenvalues in the same files are tested.",
            ["label_smoothing_tllib"] =
                "its smoothed labels do not sum to 1; label_smoothing_cross_entropy is the definition offered.",
        };
}
