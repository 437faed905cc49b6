using TransferLearning.Network;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>LwF (Li and Hoiem 2016): a new head learns while the old one goes on saying what it said.</summary>
    /// <param name="extractor">The extractor.</param>
    /// <param name="predictor">The new head.</param>
    /// <param name="oldHead">The old head; it moves with the network.</param>
    /// <param name="recordedExtractor">The extractor as it was, a replica; the caller disposes it.</param>
    /// <param name="recordedHead">The old head as it was, likewise.</param>
    /// <param name="weight">The weight of the old task. Default 1, the authors'.</param>
    public static AdaptationBuilder Lwf(
        IFeatureExtractor extractor,
        ILabelPredictor predictor,
        ILabelPredictor oldHead,
        IFeatureExtractor recordedExtractor,
        ILabelPredictor recordedHead,
        Schedule? weight = null
    ) =>
        new AdaptationBuilder().Train(
            extractor,
            predictor,
            net =>
            {
                net.Main.Move(oldHead);
                net.Minimize(new CrossEntropy())
                    .Minimize(new LearningWithoutForgetting(oldHead, recordedExtractor, recordedHead), weight);
            }
        );

    /// <inheritdoc cref="Lwf(IFeatureExtractor, ILabelPredictor, ILabelPredictor, IFeatureExtractor, ILabelPredictor, Schedule?)"/>
    public static AdaptationBuilder Lwf(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> predictor,
        nn.Module<Tensor, Tensor> oldHead,
        nn.Module<Tensor, Tensor> recordedExtractor,
        nn.Module<Tensor, Tensor> recordedHead,
        Schedule? weight = null
    ) =>
        Lwf(
            extractor.AsPart(),
            predictor.AsPart(),
            oldHead.AsPart(),
            recordedExtractor.AsPart(),
            recordedHead.AsPart(),
            weight
        );
}
