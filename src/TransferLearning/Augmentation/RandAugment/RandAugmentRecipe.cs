using TransferLearning.Augmentation;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// RandAugment (Cubuk et al. 2020): training on images each of which a few drawn operations have changed.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="operations">How many operations each image draws. Default 2.</param>
    /// <param name="strength">Their strength, from 0 to 1. Default 0.3, which is 9 of 30.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder RandAugment(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        int operations = 2,
        double strength = 0.3,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(loss ?? new CrossEntropy())
                    .Augment(new RandAugment { Operations = operations, Strength = strength })
        );

    /// <inheritdoc cref="RandAugment(IFeatureExtractor, ILabelPredictor, int, double, IObjective?)"/>
    public static AdaptationBuilder RandAugment(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        int operations = 2,
        double strength = 0.3,
        IObjective? loss = null
    ) => RandAugment(extractor.AsPart(), predictor.AsPart(), operations, strength, loss);
}
