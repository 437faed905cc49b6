using TransferLearning.ZeroShot;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// SAE (Kodirov et al. 2017): a linear encoder into the descriptions' space whose transpose decodes. A learner for
    /// <c>Learn</c>.
    /// </summary>
    /// <param name="descriptions">What is known of the classes.</param>
    /// <param name="balance">How much encoding counts beside decoding. Default 1.</param>
    /// <param name="comparesFeatures">Whether classes are compared among the features. Default false.</param>
    public static SemanticAutoencoder Sae(
        ClassDescriptions descriptions,
        double balance = 1,
        bool comparesFeatures = false
    ) => new(descriptions) { Balance = balance, ComparesFeatures = comparesFeatures };
}
