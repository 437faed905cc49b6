using TransferLearning.Adversarial;
using TransferLearning.Objectives;

namespace TransferLearning;

/// <summary>Published methods, ready to fit; each is a composition that could be written by hand.</summary>
public static partial class Recipes
{
    /// <summary>DANN (Ganin et al. 2016): cross-entropy and a critic opposed by gradient reversal.</summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic, features to one logit.</param>
    public static AdaptationBuilder Dann(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic critic
    ) => new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Oppose(critic));
}
