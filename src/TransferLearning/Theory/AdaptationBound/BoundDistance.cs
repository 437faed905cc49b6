namespace TransferLearning.Theory;

/// <summary>How an <see cref="AdaptationBound"/> estimates the distance of the domains. All are from below.</summary>
public enum BoundDistance
{
    /// <summary>
    /// By pairs of hypotheses that agree on the source and disagree on the target: the distance that the theorem names,
    /// as far as the search gets (<see cref="DisparityDiscrepancy.SymmetricDifference"/>).
    /// </summary>
    SymmetricDifference,

    /// <summary>
    /// By a domain classifier, <c>2 (1 - 2 e)</c> for its balanced error e on held-out rows: the usual proxy. It is of
    /// the classifier's sets, not of the hypotheses' disagreements.
    /// </summary>
    DomainClassifier,

    /// <summary>
    /// By a rival of the source's hypothesis, with margins: the distance of the bound by Rademacher complexity, for two
    /// classes and linear hypotheses. It is twice the margin disparity discrepancy.
    /// </summary>
    MarginDisparity,
}
