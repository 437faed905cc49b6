using TransferLearning.Network;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DELTA (Li et al. 2019) on the extractor's features: fine-tuning that holds them near those of the pre-trained
    /// network.
    /// </summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The new head.</param>
    /// <param name="pretrained">The extractor as it was, a replica; the caller disposes it.</param>
    /// <param name="weight">The weight of the term. Default 0.01, the authors'.</param>
    public static AdaptationBuilder Delta(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        IFeatureExtractor pretrained,
        Schedule? weight = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(new CrossEntropy()).Minimize(new FeatureMapPenalty(extractor, pretrained), weight ?? 0.01)
        );

    /// <inheritdoc cref="Delta(IFeatureExtractor, ILabelPredictor, IFeatureExtractor, Schedule?)"/>
    public static AdaptationBuilder Delta(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> pretrained,
        Schedule? weight = null
    ) => Delta(extractor.AsPart(), predictor.AsPart(), pretrained.AsPart(), weight);
}
