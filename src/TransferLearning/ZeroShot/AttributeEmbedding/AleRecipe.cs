using TransferLearning.ZeroShot;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// ALE (Akata et al. 2016): features and class descriptions in one space, by a ranking with a margin. A learner for
    /// <c>Learn</c>.
    /// </summary>
    /// <param name="descriptions">What is known of the classes.</param>
    /// <param name="components">The width of the common space; null for the descriptions' own.</param>
    /// <param name="margin">The margin. Default 1.</param>
    public static AttributeEmbedding Ale(ClassDescriptions descriptions, int? components = null, double margin = 1) =>
        new(descriptions) { Components = components, Margin = margin };
}
