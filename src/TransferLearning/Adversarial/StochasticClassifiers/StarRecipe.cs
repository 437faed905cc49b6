using TransferLearning.Adversarial;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// STAR (Lu et al. 2020): draws of a distribution of classifiers find the target rows on which they disagree, the
    /// extractor moves those.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">
    /// The label predictor: a <see cref="StochasticClassifier"/>, or a network that ends in one.
    /// </param>
    /// <param name="weight">The weight of the gap over progress. Default 1.</param>
    /// <param name="draws">How many classifiers are drawn, at least 2. Default 2.</param>
    /// <param name="extractorSteps">Steps of the extractor for each step of the predictor. Default 5.</param>
    public static AdaptationBuilder Star(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Schedule? weight = null,
        int draws = 2,
        int extractorSteps = 5
    ) => new AdaptationBuilder().Train(extractor, predictor, net => net.OpposeDraws(weight, draws, extractorSteps));

    /// <inheritdoc cref="Star(IFeatureExtractor, ILabelPredictor, Schedule?, int, int)"/>
    public static AdaptationBuilder Star(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Schedule? weight = null,
        int draws = 2,
        int extractorSteps = 5
    ) => Star(extractor.AsPart(), predictor.AsPart(), weight, draws, extractorSteps);
}
