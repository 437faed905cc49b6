using TransferLearning.Network;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// Co-Tuning (You et al. 2020): fine-tuning of the old head as well, on what its classes have to do with the new
    /// ones.
    /// </summary>
    /// <param name="extractor">The pre-trained extractor.</param>
    /// <param name="predictor">The new head.</param>
    /// <param name="oldHead">The pre-trained network's head; it moves with the network.</param>
    /// <param name="weight">The weight of the old head's term. Default 2.3, the authors'.</param>
    public static AdaptationBuilder CoTuning(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor oldHead,
        Schedule? weight = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                net.Main.Move(oldHead);
                net.Minimize(new CrossEntropy()).Minimize(new CoTuning(oldHead), weight ?? 2.3);
            }
        );

    /// <inheritdoc cref="CoTuning(IFeatureExtractor, ILabelPredictor, ILabelPredictor, Schedule?)"/>
    public static AdaptationBuilder CoTuning(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> oldHead,
        Schedule? weight = null
    ) => CoTuning(extractor.AsPart(), predictor.AsPart(), oldHead.AsPart(), weight);
}
