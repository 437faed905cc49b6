using TransferLearning.Augmentation;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// TrivialAugment (Müller and Hutter 2021): training on images each of which one drawn operation of drawn strength
    /// has changed.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder TrivialAugment(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Augment(new TrivialAugment())
        );

    /// <inheritdoc cref="TrivialAugment(IFeatureExtractor, ILabelPredictor, IObjective?)"/>
    public static AdaptationBuilder TrivialAugment(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IObjective? loss = null
    ) => TrivialAugment(extractor.AsPart(), predictor.AsPart(), loss);
}
