using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Fish (Shi et al. 2021): steps along one source after the other, of which the network goes a part of the way.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="sources">The number of sources of the fit, at least 2.</param>
    /// <param name="rate">The share of the way that is gone. Default 0.5, DomainBed's.</param>
    public static AdaptationBuilder Fish(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        int sources,
        double rate = 0.5
    ) => new AdaptationBuilder().Train(extractor, predictor, net => net.MatchGradients(sources, rate));

    /// <inheritdoc cref="Fish(IFeatureExtractor, ILabelPredictor, int, double)"/>
    public static AdaptationBuilder Fish(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        int sources,
        double rate = 0.5
    ) => Fish(extractor.AsPart(), predictor.AsPart(), sources, rate);
}
