using TransferLearning.Augmentation;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Manifold mixup (Verma et al. 2019): training on mixtures of two examples' inputs or features and of their
    /// labels.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="alpha">The parameter of the Beta distribution. Default 2, the authors'.</param>
    public static AdaptationBuilder ManifoldMixup(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        double alpha = 2
    ) => new AdaptationBuilder().Train(extractor, predictor, net => net.Minimize(new ManifoldMixup { Alpha = alpha }));

    /// <inheritdoc cref="ManifoldMixup(IFeatureExtractor, ILabelPredictor, double)"/>
    public static AdaptationBuilder ManifoldMixup(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        double alpha = 2
    ) => ManifoldMixup(extractor.AsPart(), predictor.AsPart(), alpha);
}
