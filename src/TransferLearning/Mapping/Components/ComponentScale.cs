namespace TransferLearning.Mapping;

/// <summary>How the columns of W, whose lengths an eigenproblem leaves open, are scaled.</summary>
public enum ComponentScale
{
    /// <summary>
    /// <c>W' F' H F W = n I</c>: every component has variance 1 over the n rows: the papers' constraint but for one
    /// common factor, by which no neighbor changes and which keeps a penalized learner's penalty in proportion.
    /// </summary>
    UnitVariance,

    /// <summary>
    /// Columns of unit length: components differ in variance, so that distances lean on the leading ones, as in the
    /// authors' programs.
    /// </summary>
    UnitWeights,
}
