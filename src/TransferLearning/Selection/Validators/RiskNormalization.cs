namespace TransferLearning.Selection;

/// <summary>What <see cref="DeepEmbeddedValidation"/> does with its weights before the risk.</summary>
public enum RiskNormalization
{
    /// <summary>They stay as they are.</summary>
    None,

    /// <summary>They are divided by the largest one and moved to a mean of 1 (Musgrave et al. 2022).</summary>
    Largest,

    /// <summary>They get a deviation of 1 and a mean of 1; some can become negative (Musgrave et al. 2022).</summary>
    Standardized,
}
