using TransferLearning.Augmentation;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>Label smoothing toward similar classes (Liu and JaJa 2021).</summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The label predictor.</param>
    /// <param name="similarities">The similarities of the classes <c>[C, C]</c>, each row of sum 1.</param>
    /// <param name="smoothing">The share of every label that goes to similar classes. Default 0.1.</param>
    public static AdaptationBuilder SimilaritySmoothing(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        Tensor similarities,
        double smoothing = 0.1
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net => net.Minimize(new SimilaritySmoothing(similarities) { Smoothing = smoothing })
        );

    /// <inheritdoc cref="SimilaritySmoothing(IFeatureExtractor, ILabelPredictor, Tensor, double)"/>
    public static AdaptationBuilder SimilaritySmoothing(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        Tensor similarities,
        double smoothing = 0.1
    ) => SimilaritySmoothing(extractor.AsPart(), predictor.AsPart(), similarities, smoothing);
}
