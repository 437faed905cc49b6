using TransferLearning.ZeroShot;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DeViSE (Frome et al. 2013): a linear map of features to the embeddings of class names, ranked by a hinge. A
    /// learner for <c>Learn</c>.
    /// </summary>
    /// <param name="descriptions">The classes' embeddings.</param>
    /// <param name="margin">The margin. Default 0.1.</param>
    public static VisualSemanticEmbedding Devise(ClassDescriptions descriptions, double margin = 0.1) =>
        new(descriptions) { Margin = margin };
}
