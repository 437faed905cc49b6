using TransferLearning.Augmentation;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>Mixup (Zhang et al. 2018): training on mixtures of two examples and their labels.</summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="alpha">The parameter of the Beta distribution. Default 0.2, the paper's for images.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder Mixup(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        double alpha = 0.2,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Augment(new Mixup { Alpha = alpha })
        );

    /// <inheritdoc cref="Mixup(IFeatureExtractor, ILabelPredictor, double, IObjective?)"/>
    public static AdaptationBuilder Mixup(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        double alpha = 0.2,
        IObjective? loss = null
    ) => Mixup(extractor.AsPart(), predictor.AsPart(), alpha, loss);
}
