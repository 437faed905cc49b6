using TransferLearning.Network;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// BSS (Chen et al. 2019): fine-tuning that holds down the smallest singular values of the features.
    /// </summary>
    /// <param name="extractor">The pre-trained extractor.</param>
    /// <param name="predictor">The new head.</param>
    /// <param name="count">How many singular values. Default 1.</param>
    /// <param name="weight">The weight of the term. Default 0.001, the authors'.</param>
    public static AdaptationBuilder Bss(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        int count = 1,
        Schedule? weight = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
                net.Minimize(new CrossEntropy()).Minimize(new BatchSpectralShrinkage { Count = count }, weight ?? 0.001)
        );

    /// <inheritdoc cref="Bss(IFeatureExtractor, ILabelPredictor, int, Schedule?)"/>
    public static AdaptationBuilder Bss(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        int count = 1,
        Schedule? weight = null
    ) => Bss(extractor.AsPart(), predictor.AsPart(), count, weight);
}
