using TransferLearning.ZeroShot;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// ConSE (Norouzi et al. 2014): rows at the mean of the likeliest seen classes' embeddings. A learner for
    /// <c>Learn</c>.
    /// </summary>
    /// <param name="descriptions">The classes' embeddings.</param>
    /// <param name="learner">Learns the seen classes; null for logistic regression.</param>
    /// <param name="classes">How many of the likeliest classes count. Default 10.</param>
    public static ConvexSemanticCombination Conse(
        ClassDescriptions descriptions,
        ILabelLearner? learner = null,
        int classes = 10
    ) => new(descriptions, learner) { Classes = classes };
}
