using TransferLearning.Objectives;
using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Mixup between sources (Gulrajani and Lopez-Paz 2021): training on mixtures of examples of two sources and their
    /// labels.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="alpha">The parameter of the Beta distribution. Default 0.2, DomainBed's.</param>
    /// <param name="loss">What the labeled rows cost. Default cross-entropy.</param>
    public static AdaptationBuilder SourceMixup(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        double alpha = 0.2,
        IObjective? loss = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(loss ?? new CrossEntropy()).Augment(new SourceMixup { Alpha = alpha })
        );

    /// <inheritdoc cref="SourceMixup(IFeatureExtractor, ILabelPredictor, double, IObjective?)"/>
    public static AdaptationBuilder SourceMixup(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        double alpha = 0.2,
        IObjective? loss = null
    ) => SourceMixup(extractor.AsPart(), predictor.AsPart(), alpha, loss);
}
