using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// RSC (Huang et al. 2020): cross-entropy with the features that the right class rests on most muted.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="featureShare">The share of each row's features that is muted. Default 1/3, DomainBed's.</param>
    /// <param name="rowShare">The share of rows that are muted. Default 1/3, DomainBed's.</param>
    public static AdaptationBuilder Rsc(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        double featureShare = 1.0 / 3,
        double rowShare = 1.0 / 3
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new SelfChallenging { FeatureShare = featureShare, RowShare = rowShare })
        );

    /// <inheritdoc cref="Rsc(IFeatureExtractor, ILabelPredictor, double, double)"/>
    public static AdaptationBuilder Rsc(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        double featureShare = 1.0 / 3,
        double rowShare = 1.0 / 3
    ) => Rsc(extractor.AsPart(), predictor.AsPart(), featureShare, rowShare);
}
