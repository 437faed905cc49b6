using TransferLearning.Adversarial;
using TransferLearning.Objectives;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>WDGRL (Shen et al. 2018): cross-entropy and the Wasserstein distance of the features, estimated by a critic.</summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic, features to one number.</param>
    public static AdaptationBuilder Wdgrl(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic critic
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new CrossEntropy()).GuideByWasserstein(critic)
        );
}
