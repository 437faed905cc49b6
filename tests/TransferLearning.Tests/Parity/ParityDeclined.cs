namespace TransferLearning.Tests.Parity;

/// <summary>
/// Peer functions that the library deliberately does not offer, each with its reason. They are counted and printed.
/// </summary>
internal static class ParityDeclined
{
    public static IReadOnlyDictionary<string, string> Reasons { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["uda_consistency_tllib"] =
                "TLLib softens the augmented branch where the paper sharpens the target, and divides by the kept rows "
                + "alone; uda_unsupervised_loss is the definition offered.",
            ["label_smoothing_tllib"] =
                "its smoothed labels do not sum to 1; label_smoothing_cross_entropy is the definition offered.",
            ["sinkhorn_divergence_dassl"] =
                "Dassl stops after five rounds on purpose, adds 1e-8 inside its logarithms and doubles the "
                + "divergence; sinkhorn_divergence is the definition offered.",
            ["tradaboost"] =
                "ADAPT's soft errors, factor e / (2 - e) and missing cap are not Dai's TrAdaBoost; "
                + "tradaboost_paper_replay is the definition offered.",
            ["two_stage_tradaboost_r2"] =
                "ADAPT's factor e / (2 - e), its errors of the ensemble and a bisection that stops at 1e-3 are not "
                + "Pardoe and Stone's; the paper's algorithm is tested on its own.",
        };
}
