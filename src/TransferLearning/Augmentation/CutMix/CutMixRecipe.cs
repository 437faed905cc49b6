using TransferLearning.Augmentation;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>CutMix (Yun et al. 2019): training on images of which a rectangle comes from another.</summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="alpha">The parameter of the Beta distribution. Default 1, the paper's.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder CutMix(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        double alpha = 1,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Augment(new CutMix { Alpha = alpha })
        );

    /// <inheritdoc cref="CutMix(IFeatureExtractor, ILabelPredictor, double, IObjective?)"/>
    public static AdaptationBuilder CutMix(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        double alpha = 1,
        IObjective? loss = null
    ) => CutMix(extractor.AsPart(), predictor.AsPart(), alpha, loss);
}
