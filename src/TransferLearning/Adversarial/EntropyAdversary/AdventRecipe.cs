using TransferLearning.Adversarial;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>ADVENT (Vu et al. 2019): cross-entropy and a critic of the predictions' self-information.</summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="critic">The critic, from as many numbers as classes to one logit.</param>
    /// <param name="weight">The weight of the adversarial term over progress. Default 0.001.</param>
    public static AdaptationBuilder Advent(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic critic,
        Schedule? weight = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new CrossEntropy()).OpposeByEntropy(critic, weight)
        );

    /// <inheritdoc cref="Advent(IFeatureExtractor, ILabelPredictor, IDomainCritic, Schedule?)"/>
    public static AdaptationBuilder Advent(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        Schedule? weight = null
    ) => Advent(extractor.AsPart(), predictor.AsPart(), critic.AsPart(), weight);
}
