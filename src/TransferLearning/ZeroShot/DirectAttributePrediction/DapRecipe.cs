using TransferLearning.ZeroShot;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DAP (Lampert et al. 2014): a classifier for each attribute, and classes by how well their attributes fit. A
    /// learner for <c>Learn</c>.
    /// </summary>
    /// <param name="descriptions">The classes' attributes, each 0 or 1.</param>
    /// <param name="learner">Learns an attribute; null for logistic regression.</param>
    public static DirectAttributePrediction Dap(ClassDescriptions descriptions, ILabelLearner? learner = null) =>
        new(descriptions, learner);
}
