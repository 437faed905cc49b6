using TransferLearning.Augmentation;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Inter-domain mixup (Yan et al. 2020): cross-entropy, and mixtures of source and target rows read as the mixture
    /// of their labels.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">The weight of the mixtures over progress. Default 1.</param>
    /// <param name="alpha">The parameter of the Beta distribution. Default 1.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder InterDomainMixup(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        double alpha = 1,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Minimize(new InterDomainMixup { Alpha = alpha }, weight)
        );

    /// <inheritdoc cref="InterDomainMixup(IFeatureExtractor, ILabelPredictor, Schedule?, double, IObjective?)"/>
    public static AdaptationBuilder InterDomainMixup(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        double alpha = 1,
        IObjective? loss = null
    ) => InterDomainMixup(extractor.AsPart(), predictor.AsPart(), weight, alpha, loss);
}
