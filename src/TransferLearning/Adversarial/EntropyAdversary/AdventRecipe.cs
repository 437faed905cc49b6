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
    /// <param name="criterion">What the critic minimizes. Default cross-entropy.</param>
    public static AdaptationBuilder Advent(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IDomainCritic critic,
        Schedule? weight = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new CrossEntropy()).OpposeByEntropy(critic, weight, criterion)
        );

    /// <inheritdoc cref="Advent(IFeatureExtractor, ILabelPredictor, IDomainCritic, Schedule?, CriticLoss)"/>
    public static AdaptationBuilder Advent(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> critic,
        Schedule? weight = null,
        CriticLoss criterion = CriticLoss.CrossEntropy
    ) => Advent(extractor.AsPart(), predictor.AsPart(), critic.AsPart(), weight, criterion);
}
