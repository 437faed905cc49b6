using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// CrossGrad (Shankar et al. 2018): the risk of rows that are moved toward other sources, along the slope of a
    /// network that tells the sources apart.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="domains">The domain network, inputs to one logit a source.</param>
    /// <param name="epsilon">The factor of the slopes that rows are moved along. Default 10, the authors'.</param>
    /// <param name="movedShare">The share of the moved rows in both losses. Default 0.5, the authors'.</param>
    public static AdaptationBuilder CrossGrad(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor domains,
        double epsilon = 10,
        double movedShare = 0.5
    ) =>
        new AdaptationBuilder().Train(extractor, predictor, net => net.MoveAcrossDomains(domains, epsilon, movedShare));

    /// <inheritdoc cref="CrossGrad(IFeatureExtractor, ILabelPredictor, ILabelPredictor, double, double)"/>
    public static AdaptationBuilder CrossGrad(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> domains,
        double epsilon = 10,
        double movedShare = 0.5
    ) => CrossGrad(extractor.AsPart(), predictor.AsPart(), domains.AsPart(), epsilon, movedShare);
}
