using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MTL (Blanchard et al. 2021): the mean risk of the sources, each row read beside the mean feature of its domain.
    /// </summary>
    /// <param name="extractor">The extractor, to d features.</param>
    /// <param name="predictor">The label predictor of features and the domain's mean, <c>[n, 2 d]</c>.</param>
    /// <param name="batchShare">The share of a batch in its domain's mean. Default 0.99, DomainBed's.</param>
    public static AdaptationBuilder Mtl(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        double batchShare = 0.99
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            new MarginalPredictor(predictor),
            net => net.Minimize(new MarginalRisk { Share = batchShare })
        );

    /// <inheritdoc cref="Mtl(IFeatureExtractor, ILabelPredictor, double)"/>
    public static AdaptationBuilder Mtl(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        double batchShare = 0.99
    ) => Mtl(extractor.AsPart(), predictor.AsPart(), batchShare);
}
