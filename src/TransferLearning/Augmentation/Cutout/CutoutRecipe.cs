using TransferLearning.Augmentation;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>Cutout (DeVries and Taylor 2017): training on images of which a square is covered.</summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="length">The side of the square in pixels. Default half of the image's shorter side.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Cutout(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        int? length = null,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Augment(new Cutout { Length = length })
        );

    /// <inheritdoc cref="Cutout(IFeatureExtractor, ILabelPredictor, int?, IObjective?)"/>
    public static AdaptationBuilder Cutout(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        int? length = null,
        IObjective? loss = null
    ) => Cutout(extractor.AsPart(), predictor.AsPart(), length, loss);
}
