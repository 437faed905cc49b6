namespace TransferLearning.Adversarial;

/// <summary>How the terms of several sources come together in one.</summary>
public enum SourceCombination
{
    /// <summary>
    /// A smooth maximum, <c>log sum exp(gamma x) / gamma</c>: all sources count, the worse the more. MDAN's soft
    /// version.
    /// </summary>
    Soft,

    /// <summary>The worst source alone. MDAN's hard version.</summary>
    Hard,
}
