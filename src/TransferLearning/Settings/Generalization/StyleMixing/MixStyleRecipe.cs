using TransferLearning.Settings;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// MixStyle (Zhou et al. 2021): cross-entropy of rows whose inner layers take over a part of another row's means
    /// and deviations.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="layers">Early layers of the extractor, of outputs <c>[n, channels, ...]</c>.</param>
    /// <param name="alpha">The parameter of the Beta distribution. Default 0.1, the authors'.</param>
    /// <param name="partners">Whose styles a row may take. Default those of all labeled rows.</param>
    public static AdaptationBuilder MixStyle(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IReadOnlyList<nn.Module<Tensor, Tensor>> layers,
        double alpha = 0.1,
        StylePartners partners = StylePartners.AnyRow
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new StyleMixing(layers) { Alpha = alpha, Partners = partners })
        );

    /// <inheritdoc cref="MixStyle(IFeatureExtractor, ILabelPredictor, IReadOnlyList{nn.Module{Tensor, Tensor}}, double, StylePartners)"/>
    public static AdaptationBuilder MixStyle(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        IReadOnlyList<nn.Module<Tensor, Tensor>> layers,
        double alpha = 0.1,
        StylePartners partners = StylePartners.AnyRow
    ) => MixStyle(extractor.AsPart(), predictor.AsPart(), layers, alpha, partners);
}
