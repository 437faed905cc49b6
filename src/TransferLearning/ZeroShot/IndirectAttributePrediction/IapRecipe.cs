using TransferLearning.ZeroShot;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// IAP (Lampert et al. 2014): attributes by the probabilities of the seen classes, and classes by how well their
    /// attributes fit. A learner for <c>Learn</c>.
    /// </summary>
    /// <param name="descriptions">The classes' attributes, each 0 or 1.</param>
    /// <param name="learner">Learns the seen classes; null for logistic regression.</param>
    public static IndirectAttributePrediction Iap(ClassDescriptions descriptions, ILabelLearner? learner = null) =>
        new(descriptions, learner);
}
