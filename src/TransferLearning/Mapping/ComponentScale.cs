namespace TransferLearning.Mapping;

/// <summary>How the columns of W, whose lengths an eigenproblem leaves open, are scaled.</summary>
public enum ComponentScale
{
    /// <summary><c>W' F' H F W = I</c>: every component has the same variance, as the papers' constraint says.</summary>
    UnitVariance,

    /// <summary>Columns of unit length: components differ in variance, so that distances lean on the leading ones, as in the authors' programs.</summary>
    UnitWeights,
}
