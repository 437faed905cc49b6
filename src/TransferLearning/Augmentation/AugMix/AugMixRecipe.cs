using TransferLearning.Augmentation;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// AugMix (Hendrycks et al. 2020): cross-entropy, and predictions that agree between an image and two mixtures of
    /// operations on it.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="weight">The weight of the agreement over progress. Default 12, the authors'.</param>
    /// <param name="strength">The largest strength of the operations, from 0.01 to 1. Default 0.3.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder AugMix(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        double strength = 0.3,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Minimize(new AugMixConsistency(new AugMix { Strength = strength }), weight ?? 12)
        );

    /// <inheritdoc cref="AugMix(IFeatureExtractor, ILabelPredictor, Schedule?, double, IObjective?)"/>
    public static AdaptationBuilder AugMix(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        double strength = 0.3,
        IObjective? loss = null
    ) => AugMix(extractor.AsPart(), predictor.AsPart(), weight, strength, loss);
}
