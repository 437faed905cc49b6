using TransferLearning.Adversarial;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// RegDA (Jiang et al. 2021): keypoints by heatmaps, and an adversarial regressor that is wrong on the target where
    /// other keypoints are.
    /// </summary>
    /// <param name="extractor">The extractor, images to features of any shape.</param>
    /// <param name="heatmaps">Features to heatmaps <c>[n, K, h, w]</c>; the model makes keypoints of them.</param>
    /// <param name="adversary">The adversarial regressor, of the same kind but with other initial values.</param>
    /// <param name="weight">The weight of the disparity over progress. Default 1.</param>
    /// <param name="reach">
    /// The share of the disparity's gradient that reaches the extractor, over progress. Default a ramp from 0 to 0.1.
    /// </param>
    /// <param name="margin">The further factor of the source's disparity. Default 4.</param>
    /// <param name="sigma">The width of the bells in cells. Default 2.</param>
    public static AdaptationBuilder Regda(
        IFeatureExtractor extractor,
        ILabelPredictor heatmaps,
        ILabelPredictor adversary,
        Schedule? weight = null,
        Schedule? reach = null,
        double margin = 4,
        double sigma = 2
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            new KeypointPredictor(heatmaps),
            net =>
                net.Minimize(new KeypointDivergence { Sigma = sigma })
                    .OpposeKeypoints(adversary, weight, reach, margin, sigma)
        );

    /// <inheritdoc cref="Regda(IFeatureExtractor, ILabelPredictor, ILabelPredictor, Schedule?, Schedule?, double, double)"/>
    public static AdaptationBuilder Regda(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> heatmaps,
        nn.Module<Tensor, Tensor> adversary,
        Schedule? weight = null,
        Schedule? reach = null,
        double margin = 4,
        double sigma = 2
    ) => Regda(extractor.AsPart(), heatmaps.AsPart(), adversary.AsPart(), weight, reach, margin, sigma);
}
