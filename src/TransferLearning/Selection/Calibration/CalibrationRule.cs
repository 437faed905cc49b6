namespace TransferLearning.Selection;

/// <summary>What a temperature is chosen by.</summary>
public enum CalibrationRule
{
    /// <summary>
    /// The target's mean confidence becomes its accuracy as the weighted errors of the source estimate it, with two
    /// control variates (TransCal; Wang, Long, Wang and Jordan 2020).
    /// </summary>
    Transferable,

    /// <summary>The source's Brier score by importance weights is least (CPCS; Park et al. 2020).</summary>
    WeightedBrier,

    /// <summary>The source's cross-entropy is least, without weights: right for the source (Guo et al. 2017).</summary>
    Source,
}
