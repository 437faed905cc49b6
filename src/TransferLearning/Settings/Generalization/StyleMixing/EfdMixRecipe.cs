using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// EFDMix (Zhang et al. 2022): cross-entropy of rows whose inner layers take over a part of another row's
    /// distribution, channel by channel.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="layers">Early layers of the extractor, of outputs <c>[n, channels, ...]</c>.</param>
    /// <param name="alpha">The parameter of the Beta distribution. Default 0.1, the authors'.</param>
    /// <param name="partners">
    /// Whose styles a row may take. Default those of another source where there are several, the authors'.
    /// </param>
    public static AdaptationBuilder EfdMix(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IReadOnlyList<nn.Module<Tensor, Tensor>> layers,
        double alpha = 0.1,
        StylePartners partners = StylePartners.OtherDomain
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(
                    new StyleMixing(layers)
                    {
                        Alpha = alpha,
                        Statistics = StyleStatistics.Distribution,
                        Partners = partners,
                    }
                )
        );

    /// <inheritdoc cref="EfdMix(IFeatureExtractor, ILabelPredictor, IReadOnlyList{nn.Module{Tensor, Tensor}}, double, StylePartners)"/>
    public static AdaptationBuilder EfdMix(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IReadOnlyList<nn.Module<Tensor, Tensor>> layers,
        double alpha = 0.1,
        StylePartners partners = StylePartners.OtherDomain
    ) => EfdMix(extractor.AsPart(), predictor.AsPart(), layers, alpha, partners);
}
